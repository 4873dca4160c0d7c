import type { Output } from './plan.js';
import { TemplateFault } from './problem.js';
import { suggestion } from './suggestion.js';
import type { Position } from './template-value.js';

/** What the outputs of other stacks give to a template. The methods throw TemplateFault. */
export interface OtherStacks {
  exported(name: string, at: Position): string;
  output(stackName: string, name: string, at: Position): string;
}

/** An output of a stack that is deployed, or is going to be before the one that asks. */
export interface StackOutput extends Pick<Output, 'name' | 'value' | 'exportName'> {
  readonly stackName: string;
}

export function otherStacks(outputs: readonly StackOutput[]): OtherStacks {
  const byExport = new Map(
    outputs.flatMap(({ exportName, value }) => (exportName === undefined ? [] : [[exportName, value]])),
  );
  const byName = new Map(outputs.map(({ stackName, name, value }) => [`${stackName}.${name}`, value]));
  const find = (values: ReadonlyMap<string, string>, { name, what, at }: Wanted): string => {
    const value = values.get(name);
    if (value !== undefined) return value;
    const message = `Expected ${what} '${name}' of a stack that is deployed, but there is none.${suggestion(name, values.keys())} Deploy that stack first, or give the value as a parameter.`;
    throw new TemplateFault(at, message, 'unsupported');
  };
  return {
    exported: (name, at) => find(byExport, { name, what: 'an export', at }),
    output: (stackName, name, at) => find(byName, { name: `${stackName}.${name}`, what: 'an output', at }),
  };
}

interface Wanted {
  readonly name: string;
  readonly what: string;
  readonly at: Position;
}

export const NO_STACKS: OtherStacks = otherStacks([]);
