import { usageError } from '../cli-error.js';

/** AWS's rule for names of state machines. */
const MACHINE_NAME = /^[a-zA-Z0-9_-]{1,80}$/;
/** AWS's rule for names of functions. */
const FUNCTION_NAME = /^[a-zA-Z0-9_-]{1,64}$/;
/** AWS's rule for names of states. */
const STATE_NAME_LENGTH_MAX = 80;
/** What a variable of ASL may be called, within ASCII. */
const VARIABLE_ID_LENGTH_MAX = 80;
/** `states` is ASL's own; `step` holds what the steps before gave, `input` the execution's input. */
const TAKEN_IDS = new Set(['states', 'step', 'input']);

export function checkMachineName(name: string): void {
  if (!MACHINE_NAME.test(name))
    throw usageError(
      `Expected a task's name of 1 to 80 letters, digits, - and _ (the rule of state machines), but it is '${name}'.`,
    );
}

export function checkFunctionName(name: string): void {
  if (!FUNCTION_NAME.test(name))
    throw usageError(`Expected a function's name of 1 to 64 letters, digits, - and _, but it is '${name}'.`);
}

export function checkStateName(name: string): void {
  if (name.length === 0 || name.length > STATE_NAME_LENGTH_MAX)
    throw usageError(`Expected a step's name of 1 to ${STATE_NAME_LENGTH_MAX} characters, but it has ${name.length}.`);
}

/** The id under which steps get a variable: its name, with `_` for what a variable of ASL may not have. */
export function variableIdOf(name: string): string {
  const id = identifierOf(name);
  if (id.length === 0 || id.length > VARIABLE_ID_LENGTH_MAX)
    throw usageError(`Expected a variable's name of 1 to ${VARIABLE_ID_LENGTH_MAX} characters, but it is '${name}'.`);
  if (TAKEN_IDS.has(id))
    throw usageError(`Expected another name for the variable than '${name}': ${[...TAKEN_IDS].join(', ')} are taken.`);
  return id;
}

/** A name that Python, JavaScript and ASL take: `your-step-name` becomes `your_step_name`. */
export const identifierOf = (name: string): string => name.replaceAll(/[^a-zA-Z0-9_]/g, '_').replace(/^(?=\d)/, '_');

/** Letters and digits only, as a template's logical ids have it: `your-task-name` becomes `YourTaskName`. */
export const logicalIdOf = (name: string): string =>
  name
    .split(/[^a-zA-Z0-9]+/)
    .filter((part) => part !== '')
    .map((part) => `${part.charAt(0).toUpperCase()}${part.slice(1)}`)
    .join('');
