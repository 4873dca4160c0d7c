import { CliError, usageError } from '../cli-error.js';

/** The state that gives every variable its value, before the first step. */
export const VARIABLES_STATE = 'Variables';

/** As AWS's own editor proposes it for functions. */
const RETRY = [
  {
    ErrorEquals: [
      'Lambda.ServiceException',
      'Lambda.AWSLambdaException',
      'Lambda.SdkClientException',
      'Lambda.TooManyRequestsException',
    ],
    IntervalSeconds: 1,
    MaxAttempts: 3,
    BackoffRate: 2,
    JitterStrategy: 'FULL',
  },
];

type Members = Record<string, unknown>;

export interface NewStep {
  readonly name: string;
  readonly description: string | null;
  /** The substitution that stands for the function's ARN. */
  readonly functionArn: string;
  readonly variableIds: readonly string[];
}

/** An ASL file's text (JSON), and what `treadle create` adds to it. */
export class DefinitionText {
  readonly #definition: Members;
  readonly #file: string;

  constructor(file: string, text: string) {
    this.#file = file;
    this.#definition = membersOf(parse(file, text), file);
  }

  /** A task without a step: it sets its variables and ends. */
  static empty(file: string, description: string | null): DefinitionText {
    const definition = {
      ...(description === null ? {} : { Comment: description }),
      QueryLanguage: 'JSONata',
      StartAt: VARIABLES_STATE,
      States: { [VARIABLES_STATE]: { Type: 'Pass', Assign: { step: [] }, End: true } },
    };
    return new DefinitionText(file, JSON.stringify(definition));
  }

  get variableIds(): readonly string[] {
    return Object.keys(this.#assign()).filter((id) => id !== 'step');
  }

  setVariable(id: string, value: unknown): void {
    if (Object.hasOwn(this.#assign(), id))
      throw usageError(`Expected a new variable, but ${this.#file} has '${id}' already. Change its value there.`);
    this.#assign()[id] = value;
  }

  /** Appends a step to the end of the task. */
  addStep({ name, description, functionArn, variableIds }: NewStep): void {
    const states = this.#states();
    if (Object.hasOwn(states, name))
      throw usageError(`Expected another name: ${this.#file} has a step '${name}' already.`);
    const missing = variableIds.find((id) => !this.variableIds.includes(id));
    if (missing !== undefined)
      throw usageError(
        `Expected --variableId to name a variable of ${this.#file}, but '${missing}' is none. Make it first: treadle create variable --name ${missing} --value …`,
      );
    const last = this.#lastState();
    delete last.End;
    last.Next = name;
    states[name] = {
      Type: 'Task',
      ...(description === null ? {} : { Comment: description }),
      Resource: 'arn:aws:states:::lambda:invoke',
      Arguments: { FunctionName: `\${${functionArn}}`, Payload: payloadOf(variableIds) },
      Retry: RETRY,
      Assign: { step: `{% $append($step, [{'id': ${idText(name)}, 'output': $states.result.Payload}]) %}` },
      Output: '{% $states.result.Payload %}',
      End: true,
    };
  }

  toString(): string {
    return `${JSON.stringify(this.#definition, null, 2)}\n`;
  }

  #states(): Members {
    return membersOf(this.#definition.States, `${this.#file}: States`);
  }

  #assign(): Members {
    const variables = this.#states()[VARIABLES_STATE];
    if (variables === undefined)
      throw new CliError(
        `Expected ${this.#file} to have the state '${VARIABLES_STATE}' that treadle create task makes, but it has none.`,
      );
    return membersOf(membersOf(variables, VARIABLES_STATE).Assign, `${VARIABLES_STATE}: Assign`);
  }

  /** The one state that ends the task. */
  #lastState(): Members {
    const ends = Object.values(this.#states())
      .map((state) => membersOf(state, this.#file))
      .filter(({ End }) => End === true);
    const [last] = ends;
    if (last === undefined || ends.length > 1)
      throw new CliError(
        `Expected one state of ${this.#file} with "End": true, to put the step after it, but there are ${ends.length}. Add the step by hand.`,
      );
    return last;
  }
}

/** What a step's code gets: the execution's input, what the steps before gave, and the variables that it asks for. */
const payloadOf = (variableIds: readonly string[]): Members => ({
  input: '{% $states.context.Execution.Input %}',
  step: '{% $step %}',
  ...Object.fromEntries(variableIds.map((id) => [id, `{% $${id} %}`])),
});

/** A text of JSONata; its escapes are JSON's. */
const idText = (name: string): string => JSON.stringify(name);

function parse(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CliError(`Expected JSON in ${file}, but ${error instanceof Error ? error.message : String(error)}`);
  }
}

function membersOf(value: unknown, place: string): Members {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new CliError(`Expected an object in ${place}.`);
  return value as Members; // just checked
}
