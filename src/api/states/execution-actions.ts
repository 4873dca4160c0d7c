import { executionArn } from '../../arn.js';
import { type Execution, errorDetails } from '../../interpreter/index.js';
import { CAUSE_CHARS_MAX, ERROR_CHARS_MAX } from '../../limits.js';
import type { Payload } from '../../payload/index.js';
import type { ExecutionRow } from '../../store/ports.js';
import { type Action, type ApiCall, ApiError } from '../port.js';
import { type ExecutionActionsOptions, readStart, START_MEMBERS, typeNotSupported } from './execution-input.js';
import { startExpress } from './express-actions.js';
import { historyEvent } from './history-event.js';
import { describeExpressChild, listChildren } from './map-run-actions.js';
import { INCLUDED_DATA, readMembers } from './members.js';
import { readExpressChildArn, readMachineArn } from './names.js';
import { MAX_RESULTS, pageSize, readToken, writeToken } from './paging.js';
import { redriveExecution, whyNotRedrivable } from './redrive-action.js';
import { sameStart, startForTask } from './start-for-task.js';

const ARN = { type: 'string', required: true, min: 1, max: 256 } as const;
/** In the order that AWS's own message gives. */
const STATUSES = ['SUCCEEDED', 'TIMED_OUT', 'PENDING_REDRIVE', 'ABORTED', 'FAILED', 'RUNNING'] as const;
const LIST_TOKEN_CHARS_MAX = 3096;

export function executionActions(options: ExecutionActionsOptions): Readonly<Record<string, Action>> {
  return {
    StartExecution: async (call) => startExecution(options, call),
    DescribeExecution: async ({ input }) => describeExecution(options, input),
    ListExecutions: async ({ input }) => listExecutions(options, input),
    StopExecution: async ({ input }) => stopExecution(options, input),
    RedriveExecution: async ({ input }) => redriveExecution(options, input),
    GetExecutionHistory: async ({ input }) => getExecutionHistory(options, input),
  };
}

/** `key`: of a Task's call. Performed again it gives the execution that it has started. */
async function startExecution(options: ExecutionActionsOptions, { input, key, ...call }: ApiCall): Promise<object> {
  const { traceHeader: member = null, ...members } = readMembers(input, START_MEMBERS);
  const traceHeader = call.traceHeader ?? member; // AWS: the header wins
  if (key !== undefined) {
    const first = await startForTask(options, { ...members, key, caller: null, traceHeader });
    return { executionArn: first.executionArn, startDate: first.startedAt / 1000 };
  }
  const start = await readStart(options, members);
  if (start.type === 'EXPRESS') {
    const express = await startExpress(options, { ...start, traceHeader });
    return { executionArn: express.arn, startDate: express.startedAt / 1000 };
  }
  const started = await options.host.start({ ...start, traceHeader });
  const arn = executionArn(start.revision.machineArn, start.name);
  const startedAt = started.type === 'started' ? started.startedAt : await sameStart(options, arn, start.input);
  return { executionArn: arn, startDate: startedAt / 1000 };
}

async function describeExecution(options: ExecutionActionsOptions, request: unknown): Promise<object> {
  const { host, executions } = options;
  const members = readMembers(request, { executionArn: ARN, includedData: INCLUDED_DATA });
  const expressChild = readExpressChildArn(members.executionArn);
  if (expressChild !== null) return describeExpressChild(host.mapRuns, { ...expressChild, ...members });
  const row = await executions.row(members.executionArn);
  const execution = await executions.state(row);
  const { child } = execution;
  const isPending = child !== null && host.mapRuns.isPendingRedrive(child.mapRunArn, child.index);
  const hasData = members.includedData !== 'METADATA_ONLY';
  return {
    executionArn: members.executionArn,
    stateMachineArn: row.machine,
    ...startedBy(row),
    name: row.name,
    status: isPending ? 'PENDING_REDRIVE' : row.status,
    startDate: row.startAt / 1000,
    ...(row.stopAt !== null && { stopDate: row.stopAt / 1000 }),
    ...dataMember('input', execution.input, hasData),
    ...dataMember('output', execution.output, hasData),
    ...execution.failure,
    ...(execution.traceHeader !== null && { traceHeader: execution.traceHeader }),
    ...(child !== null && { mapRunArn: child.mapRunArn }),
    ...redriveMembers(row),
    ...(await redriveStatus(options, row, execution)),
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

const redriveMembers = ({ redriveCount, redrivenAt }: ExecutionRow): object => ({
  redriveCount,
  ...(redrivenAt !== null && { redriveDate: redrivenAt / 1000 }),
});

async function redriveStatus(
  options: ExecutionActionsOptions,
  row: ExecutionRow,
  { eventId, child }: Execution,
): Promise<object> {
  const redriveStatusReason = await whyNotRedrivable(options, row, eventId);
  if (redriveStatusReason !== null) return { redriveStatus: 'NOT_REDRIVABLE', redriveStatusReason };
  return { redriveStatus: child === null ? 'REDRIVABLE' : 'REDRIVABLE_BY_MAP_RUN' };
}

async function listExecutions({ host, store, machines }: ExecutionActionsOptions, request: unknown): Promise<object> {
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
    return listChildren(host.mapRuns, { ...members, mapRunArn: members.mapRunArn });
  }
  if (members.redriveFilter !== undefined) {
    throw new ApiError(
      'ValidationException',
      'Expected redriveFilter with mapRunArn only, but it is given with stateMachineArn.',
    );
  }
  const { arn, qualifier } = readMachineArn(members.stateMachineArn ?? '');
  const target = await machines.resolve(arn, qualifier, 0);
  if (target.machine.type === 'EXPRESS') throw typeNotSupported();
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
  ...redriveMembers(row),
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
