/** The languages that `treadle create` writes a first handler in. */
export const STARTER_RUNTIMES = ['python3.12', 'nodejs22.x'] as const;
export type StarterRuntime = (typeof STARTER_RUNTIMES)[number];

export interface StarterCode {
  readonly file: string;
  readonly text: string;
  /** As in the template: `app.<function>`. */
  readonly handler: string;
}

export interface StarterRequest {
  readonly runtime: StarterRuntime;
  /** `your_lambda_function`, or `module.your_lambda_function`. */
  readonly handler: string;
  readonly variableIds: readonly string[];
}

/** A first handler, which says in comments what it gets. */
export function starterCode({ runtime, handler, variableIds }: StarterRequest): StarterCode {
  const [name = '', module = 'app'] = handler.split('.').reverse();
  const comments = commentsOf(variableIds);
  switch (runtime) {
    case 'python3.12': {
      const lines = comments.map((line) => `    # ${line}\n`).join('');
      return {
        file: `${module}.py`,
        handler: `${module}.${name}`,
        text: `def ${name}(event, context):\n${lines}    return True\n`,
      };
    }
    case 'nodejs22.x': {
      const lines = comments.map((line) => `  // ${line}\n`).join('');
      const text = `export const ${name} = async (event) => {\n${lines}  return true;\n};\n`;
      return { file: `${module}.mjs`, handler: `${module}.${name}`, text };
    }
    default:
      return runtime satisfies never;
  }
}

const commentsOf = (variableIds: readonly string[]): readonly string[] => [
  "event['input'] is the input of the execution.",
  "event['step'] is what the steps before gave: event['step'][0]['output'] is the first one's.",
  ...variableIds.map((id) => `event['${id}'] is the variable.`),
];
