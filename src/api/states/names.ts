import { parseArn } from '../../arn.js';
import { NAME_CHARS_MAX } from '../../limits.js';
import { ApiError } from '../port.js';

/** AWS refuses white space, brackets, wildcards, and special and control characters in names. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be in a name
const ILLEGAL = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\u0000-\u001f\u007f-\u009f\ufffe\uffff\ud800-\udfff]/u;

export function checkName(name: string): void {
  if (name.length >= 1 && name.length <= NAME_CHARS_MAX && !ILLEGAL.test(name)) return;
  throw new ApiError('InvalidName', `Invalid Name: '${name}'`);
}

const invalidArn = (why: string): ApiError => new ApiError('InvalidArn', `Invalid Arn: '${why}'`);

export interface MachineArn {
  /** Without version or alias. */
  readonly arn: string;
  readonly name: string;
  /** Version number or alias after the name; null = the machine itself. */
  readonly qualifier: string | null;
}

export function readMachineArn(text: string): MachineArn {
  const arn = parseArn(text);
  if (arn === null || arn.service !== 'states') throw invalidArn(`Invalid ARN prefix: ${text}`);
  const [type, name, qualifier, ...rest] = arn.resource.split(':');
  if (type !== 'stateMachine') throw invalidArn(`Resource type not valid in this context: ${type}`);
  if (!name || rest.length > 0) throw invalidArn(`Invalid ARN prefix: ${text}`);
  const base = qualifier === undefined ? text : text.slice(0, text.length - qualifier.length - 1);
  return { arn: base, name, qualifier: qualifier ?? null };
}

/** For what can only be done to the machine itself. Throws StateMachineDoesNotExist for a version or an alias. */
export function readUnqualifiedArn(text: string): string {
  const { arn, qualifier } = readMachineArn(text);
  if (qualifier === null) return arn;
  throw new ApiError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${text}'`);
}

export function readActivityArn(text: string): string {
  const arn = parseArn(text);
  if (arn === null || arn.service !== 'states') throw invalidArn(`Invalid ARN prefix: ${text}`);
  const [type, name, ...rest] = arn.resource.split(':');
  if (type !== 'activity') throw invalidArn(`Resource type not valid in this context: ${type}`);
  if (!name || rest.length > 0) throw invalidArn(`Invalid ARN prefix: ${text}`);
  return text;
}

export interface ExecutionArn {
  readonly machineArn: string;
  readonly name: string;
}

export function readExecutionArn(text: string): ExecutionArn {
  const arn = parseArn(text);
  if (arn === null || arn.service !== 'states') throw invalidArn(`Invalid ARN prefix: ${text}`);
  const [type, machine, name, ...rest] = arn.resource.split(':');
  if (type !== 'execution') throw invalidArn(`Resource type not valid in this context: ${type}`);
  if (!machine || !name || rest.length > 0) throw invalidArn(`Invalid ARN prefix: ${text}`);
  const machineArn = `arn:${arn.partition}:states:${arn.region}:${arn.account}:stateMachine:${machine}`;
  return { machineArn, name };
}

export interface MapRunArn {
  readonly arn: string;
  /** ARN of the children's machine: the machine's with the Map's label. */
  readonly machineArn: string;
}

export function readMapRunArn(text: string): MapRunArn {
  const arn = parseArn(text);
  if (arn === null || arn.service !== 'states') throw invalidArn(`Invalid ARN prefix: ${text}`);
  const [type, machine, id, ...rest] = arn.resource.split(':');
  if (type !== 'mapRun') throw invalidArn(`Resource type not valid in this context: ${type}`);
  if (!machine?.includes('/') || !id || rest.length > 0) throw invalidArn(`Invalid ARN prefix: ${text}`);
  return { arn: text, machineArn: `arn:${arn.partition}:states:${arn.region}:${arn.account}:stateMachine:${machine}` };
}

/** An Express child of a map run: its ARN tells run and index. Null for every other ARN. */
export function readExpressChildArn(text: string): { readonly mapRunArn: string; readonly index: number } | null {
  const arn = parseArn(text);
  const [type, machine, name, id, ...rest] = arn?.resource.split(':') ?? [];
  if (arn?.service !== 'states' || type !== 'express' || !machine?.includes('/')) return null;
  const index = /^[0-9a-f-]{24}([0-9a-f]{12})$/.exec(name ?? '')?.[1];
  if (index === undefined || !id || rest.length > 0) return null;
  return {
    mapRunArn: `arn:${arn.partition}:states:${arn.region}:${arn.account}:mapRun:${machine}:${id}`,
    index: Number.parseInt(index, 16),
  };
}
