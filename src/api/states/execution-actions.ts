import { executionArn } from '../../arn.js';
import type { EmbeddedHost } from '../../host/index.js';
import { type Execution, errorDetails } from '../../interpreter/index.js';
import { CAUSE_CHARS_MAX, ERROR_CHARS_MAX, PAYLOAD_BYTES_MAX } from '../../limits.js';
import { EMPTY_OBJECT, JsonSyntaxError, type Payload, parsePayload } from '../../payload/index.js';
import type { ActivityQueue } from '../../services/activity-queue.js';
import type { ExecutionRow, ExecutionStore } from '../../store/ports.js';
import { type Action, ApiError } from '../port.js';
import type { Activities } from './activities.js';
import { historyEvent } from './history-event.js';
import { readMembers } from './members.js';
import { checkName, readMachineArn } from './names.js';
import { MAX_RESULTS, pageSize, readToken, writeToken } from './paging.js';
import type { StateMachines } from './state-machines.js';
import type { StoredExecutions } from './stored-executions.js';

const ARN = { type: 'string', required: true, min: 1, max: 256 } as const;
const INCLUDED_DATA = { type: 'string', oneOf: ['ALL_DATA', 'METADATA_ONLY'] } as const;
/** In the order that AWS's own message gives. */
const STATUSES = ['SUCCEEDED', 'TIMED_OUT', 'PENDING_REDRIVE', 'ABORTED', 'FAILED', 'RUNNING'] as const;
const LIST_TOKEN_CHARS_MAX = 3096;

export interface ExecutionActionsOptions {
  readonly host: EmbeddedHost;
  readonly store: ExecutionStore;
  readonly machines: StateMachines;
  readonly executions: StoredExecutions;
  readonly activities: Activities;
  readonly queue: ActivityQueue;
  /** Names of executions that nobody named: time-ordered, for the index's sake. */
  readonly newName: () => string;
}

export function executionActions(options: ExecutionActionsOptions): Readonly<Record<string, Action>> {
  return {
    StartExecution: async ({ input }) => startExecution(options, input),
    DescribeExecution: async ({ input }) => describeExecution(options, input),
    ListExecutions: async ({ input }) => listExecutions(options, input),
    StopExecution: async ({ input }) => stopExecution(options, input),
    GetExecutionHistory: async ({ input }) => getExecutionHistory(options, input),
  };
}

async function startExecution(options: ExecutionActionsOptions, request: unknown): Promise<object> {
  const { host, machines } = options;
  const members = readMembers(request, {
    stateMachineArn: ARN,
    name: { type: 'string', min: 1 },
    input: { type: 'string' },
    traceHeader: { type: 'string', max: 256 },
  });
  const { arn, qualifier } = readMachineArn(members.stateMachineArn);
  if (members.name !== undefined) checkName(members.name);
  const input = readInput(members.input);
  const target = await machines.resolve(arn, qualifier, Math.random());
  const revision = await machines.load(target.revision);
  if (revision === null) throw new Error(`Broken invariant: there is no revision ${target.revision}`);
  const name = members.name ?? options.newName();
  const version = target.version?.number ?? null;
  const alias = target.alias?.name ?? null;
  const traceHeader = members.traceHeader ?? null;
  const started = await host.start({ revision, name, input, version, alias, traceHeader });
  if (started.type === 'started') {
    return { executionArn: executionArn(arn, name), startDate: started.startedAt / 1000 };
  }
  return sameStart(options, executionArn(arn, name), input);
}

/** The name is taken: the same input while it runs is the same start, anything else is refused. */
async function sameStart(options: ExecutionActionsOptions, arn: string, input: Payload): Promise<object> {
  const row = await options.executions.row(arn);
  const existing = await options.executions.state(row);
  if (row.status === 'RUNNING' && existing.input?.text === input.text) {
    return { executionArn: arn, startDate: row.startAt / 1000 };
  }
  throw new ApiError('ExecutionAlreadyExists', `Execution Already Exists: '${arn}'`);
}

function readInput(text: string | undefined): Payload {
  if (text === undefined) return EMPTY_OBJECT;
  const invalid = (why: string) =>
    new ApiError('InvalidExecutionInput', `Invalid State Machine Execution Input: '${why}'`);
  if (text.trim() === '') throw invalid('Invalid execution input.');
  if (Buffer.byteLength(text) > PAYLOAD_BYTES_MAX) {
    throw new ApiError(
      'ValidationException',
      `1 validation error detected: Value at 'input' failed to satisfy constraint: Member must have length less than or equal to ${PAYLOAD_BYTES_MAX}`,
    );
  }
  try {
    return parsePayload(text);
  } catch (fault) {
    if (fault instanceof JsonSyntaxError) throw invalid(fault.message);
    throw fault;
  }
}

async function describeExecution({ executions }: ExecutionActionsOptions, request: unknown): Promise<object> {
  const members = readMembers(request, { executionArn: ARN, includedData: INCLUDED_DATA });
  const row = await executions.row(members.executionArn);
  const execution = await executions.state(row);
  const hasData = members.includedData !== 'METADATA_ONLY';
  return {
    executionArn: members.executionArn,
    stateMachineArn: row.machine,
    ...startedBy(row),
    name: row.name,
    status: row.status,
    startDate: row.startAt / 1000,
    ...(row.stopAt !== null && { stopDate: row.stopAt / 1000 }),
    ...dataMember('input', execution.input, hasData),
    ...dataMember('output', execution.output, hasData),
    ...execution.failure,
    redriveCount: 0,
    ...redriveStatus(execution),
  };
}

/** The version and the alias that the execution was started with. */
const startedBy = ({ machine, version, alias }: ExecutionRow): object => ({
  ...(version !== null && { stateMachineVersionArn: `${machine}:${version}` }),
  ...(alias !== null && { stateMachineAliasArn: `${machine}:${alias}` }),
});

function dataMember(name: 'input' | 'output', payload: Payload | null, hasData: boolean): object {
  if (payload === null) return {};
  return { ...(hasData && { [name]: payload.text }), [`${name}Details`]: { included: hasData } };
}

function redriveStatus({ status }: Execution): object {
  if (status !== 'RUNNING' && status !== 'SUCCEEDED') return { redriveStatus: 'REDRIVABLE' };
  return {
    redriveStatus: 'NOT_REDRIVABLE',
    redriveStatusReason: `Execution is ${status} and cannot be redriven`,
  };
}

async function listExecutions({ store, machines }: ExecutionActionsOptions, request: unknown): Promise<object> {
  const members = readMembers(request, {
    stateMachineArn: { type: 'string', min: 1, max: 256 },
    mapRunArn: { type: 'string', min: 1, max: 2000 },
    statusFilter: { type: 'string', oneOf: STATUSES },
    maxResults: MAX_RESULTS,
    nextToken: { type: 'string', min: 1, max: LIST_TOKEN_CHARS_MAX },
    redriveFilter: { type: 'string', oneOf: ['REDRIVEN', 'NOT_REDRIVEN'] },
  });
  if ((members.stateMachineArn === undefined) === (members.mapRunArn === undefined)) {
    throw new ApiError('ValidationException', 'Expected exactly one of stateMachineArn and mapRunArn.');
  }
  if (members.mapRunArn !== undefined) {
    throw new ApiError('ResourceNotFound', 'Treadle does not have map runs yet. See docs/compatibility.md.');
  }
  if (members.redriveFilter === 'REDRIVEN') return { executions: [] }; // nothing can be redriven yet
  const { arn, qualifier } = readMachineArn(members.stateMachineArn ?? '');
  const target = await machines.resolve(arn, qualifier, 0);
  const limit = pageSize(members.maxResults);
  const after = readToken('executions', members.nextToken) as [number, number] | null; // written by us
  if (members.statusFilter === 'PENDING_REDRIVE') return { executions: [] }; // only children of map runs have it
  const page = await store.list({
    machine: arn,
    ...(target.alias !== null && { startedBy: { alias: target.alias.name } }),
    ...(target.alias === null && target.version !== null && { startedBy: { version: target.version.number } }),
    status: (members.statusFilter as ExecutionRow['status'] | undefined) ?? null, // one of STATUSES
    after: after === null ? null : { startAt: after[0], execution: after[1] },
    limit: limit + 1,
  });
  const shown = page.slice(0, limit);
  const last = shown.at(-1);
  return {
    executions: shown.map(listItem),
    ...(page.length > limit && last && { nextToken: writeToken('executions', [last.startAt, last.execution]) }),
  };
}

const listItem = (row: ExecutionRow): object => ({
  executionArn: executionArn(row.machine, row.name),
  stateMachineArn: row.machine,
  ...startedBy(row),
  name: row.name,
  status: row.status,
  startDate: row.startAt / 1000,
  ...(row.stopAt !== null && { stopDate: row.stopAt / 1000 }),
  redriveCount: 0,
});

async function stopExecution({ host, executions }: ExecutionActionsOptions, request: unknown): Promise<object> {
  const members = readMembers(request, {
    executionArn: ARN,
    error: { type: 'string', max: ERROR_CHARS_MAX },
    cause: { type: 'string', max: CAUSE_CHARS_MAX },
  });
  const { executionArn: arn, error, cause } = members;
  const row = await executions.row(arn);
  if (row.status === 'RUNNING') {
    await host.deliver(row.execution, { type: 'StopExecution', ...errorDetails({ error, cause }) });
  }
  const stopped = await executions.row(arn);
  return { stopDate: (stopped.stopAt ?? stopped.startAt) / 1000 };
}

async function getExecutionHistory({ executions }: ExecutionActionsOptions, request: unknown): Promise<object> {
  const members = readMembers(request, {
    executionArn: ARN,
    maxResults: MAX_RESULTS,
    reverseOrder: { type: 'boolean' },
    nextToken: { type: 'string', min: 1, max: 1024 },
    includeExecutionData: { type: 'boolean' },
  });
  const { executionArn: arn, reverseOrder } = members;
  const row = await executions.row(arn);
  const limit = pageSize(members.maxResults);
  const list = `history ${arn} ${reverseOrder === true}`;
  const after = readToken(list, members.nextToken) as number | null; // written by us: an event id
  const records = (await executions.records(row)).filter((record) => record.id !== null);
  if (reverseOrder) records.reverse();
  const from = after === null ? 0 : records.findIndex((record) => record.id === after) + 1;
  const shown = records.slice(from, from + limit);
  const includeExecutionData = members.includeExecutionData !== false;
  return {
    events: shown.map((record) => historyEvent(record, { includeExecutionData })),
    ...(from + limit < records.length && { nextToken: writeToken(list, shown.at(-1)?.id) }),
  };
}
