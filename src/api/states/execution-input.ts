import type { EmbeddedHost, ExpressStarts, Revision, TransientHost } from '../../host/index.js';
import { type Quotas, TRACE_HEADER_CHARS_MAX } from '../../limits.js';
import { EMPTY_OBJECT, JsonSyntaxError, type Payload, parsePayload } from '../../payload/index.js';
import type { ActivityQueue } from '../../services/activity-queue.js';
import type { Performed } from '../../services/performed.js';
import type { ExecutionStore, RecordStore } from '../../store/ports.js';
import { ApiError } from '../port.js';
import type { Activities } from './activities.js';
import { checkName, readMachineArn } from './names.js';
import type { MachineType, StateMachines } from './state-machines.js';
import type { StoredExecutions } from './stored-executions.js';

export interface ExecutionActionsOptions {
  readonly host: EmbeddedHost;
  readonly transient: TransientHost;
  readonly express: ExpressStarts;
  readonly store: ExecutionStore;
  readonly records: RecordStore;
  readonly now: () => number;
  readonly machines: StateMachines;
  readonly executions: StoredExecutions;
  readonly activities: Activities;
  readonly queue: ActivityQueue;
  /** Whether there is a log group of this ARN. */
  readonly groupExists: (arn: string) => Promise<boolean>;
  /** Names of executions that nobody named: time-ordered, for the index's sake. */
  readonly newName: () => string;
  /** Starts that Tasks have made, by the keys of their calls. */
  readonly performed: Performed;
  readonly quotas: Quotas;
}

/** What both kinds of a start begin with. */
export interface ReadStart {
  readonly type: MachineType;
  readonly revision: Revision;
  readonly name: string;
  readonly input: Payload;
  readonly version: number | null;
  readonly alias: string | null;
}

export const START_MEMBERS = {
  stateMachineArn: { type: 'string', required: true, min: 1, max: 256 },
  name: { type: 'string', min: 1 },
  input: { type: 'string' },
  traceHeader: { type: 'string', max: TRACE_HEADER_CHARS_MAX },
} as const;

/** Throws for a name, an input or a machine that AWS would not start either. */
export async function readStart(
  { machines, newName, quotas }: ExecutionActionsOptions,
  request: {
    /** With or without version or alias. */
    readonly stateMachineArn: string;
    readonly name: string | undefined;
    readonly input: string | undefined;
  },
): Promise<ReadStart> {
  if (request.name !== undefined) checkName(request.name);
  const { arn, qualifier } = readMachineArn(request.stateMachineArn);
  const input = readInput(request.input, quotas);
  const { machine, revision: id, version, alias } = await machines.resolve(arn, qualifier, Math.random());
  const revision = await machines.load(id);
  if (revision === null) throw new Error(`Broken invariant: there is no revision ${id}`);
  return {
    type: machine.type,
    revision,
    name: request.name ?? newName(),
    input,
    version: version?.number ?? null,
    alias: alias?.name ?? null,
  };
}

/** What an execution or a tried state is given. Throws InvalidExecutionInput with the reader's own words. */
export function readInput(text: string | undefined, { payloadBytesMax }: Quotas): Payload {
  if (text === undefined) return EMPTY_OBJECT;
  const invalid = (why: string) =>
    new ApiError('InvalidExecutionInput', `Invalid State Machine Execution Input: '${why}'`);
  if (text.trim() === '') throw invalid('Invalid execution input.');
  checkPayloadSize('input', text, payloadBytesMax);
  try {
    return parsePayload(text);
  } catch (fault) {
    if (fault instanceof JsonSyntaxError) throw invalid(fault.message);
    throw fault;
  }
}

/** AWS counts bytes of UTF-8 here, whatever its text calls them. */
export function checkPayloadSize(member: string, text: string, bytesMax: number): void {
  if (text.length * 3 <= bytesMax || Buffer.byteLength(text) <= bytesMax) return;
  throw new ApiError(
    'ValidationException',
    `1 validation error detected: Value at '${member}' failed to satisfy constraint: Member must have length less than or equal to ${bytesMax}`,
  );
}

export const typeNotSupported = (): ApiError =>
  new ApiError('StateMachineTypeNotSupported', 'This operation is not supported by this type of state machine');

export const rateExceeded = (): ApiError => new ApiError('ThrottlingException', 'Rate exceeded');
