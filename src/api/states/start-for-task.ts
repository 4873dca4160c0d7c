import { executionArn } from '../../arn.js';
import type { Caller } from '../../interpreter/index.js';
import type { Payload } from '../../payload/index.js';
import { ApiError } from '../port.js';
import { type ExecutionActionsOptions, readStart, typeNotSupported } from './execution-input.js';
import { startExpress } from './express-actions.js';

export interface StartedExecution {
  readonly executionArn: string;
  /** Epoch milliseconds. */
  readonly startedAt: number;
}

/** The name is taken: the same input while it runs is the same start, anything else is refused. Gives when it was started. */
export async function sameStart(options: ExecutionActionsOptions, arn: string, input: Payload): Promise<number> {
  const row = await options.executions.row(arn);
  const existing = await options.executions.state(row);
  if (row.status === 'RUNNING' && existing.input?.text === input.text) return row.startAt;
  throw new ApiError('ExecutionAlreadyExists', `Execution Already Exists: '${arn}'`);
}

/** Starts an execution for a Task: with the same key again it is the same execution, whatever has become of it. */
export async function startForTask(
  options: ExecutionActionsOptions,
  request: {
    readonly stateMachineArn: string;
    readonly name: string | undefined;
    readonly input: string | undefined;
    readonly key: string;
    readonly caller: Caller | null;
    /** Of the execution whose Task it is; null where it has none. */
    readonly traceHeader: string | null;
  },
): Promise<StartedExecution> {
  const { host, performed } = options;
  const { traceHeader } = request;
  const before = await performed.find(request.key);
  if (before !== null) return JSON.parse(before) as StartedExecution; // our own text
  const start = await readStart(options, request);
  if (start.type === 'EXPRESS') {
    if (request.caller !== null) throw typeNotSupported();
    const { arn, startedAt } = await startExpress(options, { ...start, traceHeader });
    return { executionArn: arn, startedAt };
  }
  const arn = executionArn(start.revision.machineArn, start.name);
  const result: StartedExecution = { executionArn: arn, startedAt: options.now() };
  const writes = [performed.markOf(request.key, JSON.stringify(result))];
  const started = await host.start({
    ...start,
    writes,
    traceHeader,
    ...(request.caller && { caller: request.caller }),
  });
  if (started.type === 'started') return result;
  const first = await performed.find(request.key);
  if (first !== null) return JSON.parse(first) as StartedExecution;
  return { executionArn: arn, startedAt: await sameStart(options, arn, start.input) };
}
