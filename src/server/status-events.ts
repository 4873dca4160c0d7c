import type { StoredExecutions } from '../api/states/index.js';
import type { Committed } from '../host/index.js';
import { type Execution, type ExecutionStatus, type HistoryRecord, notRedrivable } from '../interpreter/index.js';
import { STATUS_EVENT_PAYLOAD_BYTES_MAX } from '../limits/services.js';
import type { JsonValue, Payload } from '../payload/index.js';
import type { Events } from '../services/events/events.js';
import type { ExecutionRow } from '../store/ports.js';

export interface StatusEventsOptions {
  readonly events: Pick<Events, 'isListening' | 'publish'>;
  readonly executions: Pick<StoredExecutions, 'row'>;
  readonly account: string;
  readonly report: (line: string) => void;
}

/**
 * Puts an event on the default bus when an execution starts and ends; nothing is done while no rule there looks at events.
 * Best effort, as on AWS: a crash right after the execution's end may lose the event.
 */
export function statusEvents({
  events,
  executions,
  account,
  report,
}: StatusEventsOptions): (committed: Committed) => void {
  const publish = async (execution: Readonly<Execution>, status: ExecutionStatus): Promise<void> => {
    const { arn, region } = execution.identity;
    const detail = detailOf(execution, status); // at once: the execution goes on
    const row = await executions.row(arn);
    const content = {
      source: 'aws.states',
      detailType: 'Step Functions Execution Status Change',
      resources: [arn],
      detail: { ...detail, ...startedBy(row) },
    };
    await events.publish({ region, account }, content, `${arn}#${status}#${detail.redriveCount}`);
  };
  return ({ execution, records }) => {
    if (records.length === 0 || !events.isListening({ region: execution.identity.region, account })) return;
    for (const status of statusesOf(execution, records)) {
      publish(execution, status).catch((fault: unknown) =>
        report(`Could not put the event that ${execution.identity.arn} is ${status}: ${fault}`),
      );
    }
  };
}

/** What the records have made of the execution; one commit may hold both its start and its end. */
function statusesOf({ status }: Execution, records: readonly HistoryRecord[]): readonly ExecutionStatus[] {
  const begins = records.some(({ type }) => type === 'ExecutionStarted' || type === 'ExecutionRedriven');
  return [...(begins ? ['RUNNING' as const] : []), ...(status === 'RUNNING' ? [] : [status])];
}

const startedBy = ({ machine, version, alias }: ExecutionRow): Readonly<Record<string, JsonValue>> => ({
  stateMachineVersionArn: version === null ? null : `${machine}:${version}`,
  stateMachineAliasArn: alias === null ? null : `${machine}:${alias}`,
});

function detailOf(execution: Readonly<Execution>, status: Execution['status']): Readonly<Record<string, JsonValue>> {
  const { identity, startedAt, at, input, output, failure } = execution;
  const isRunning = status === 'RUNNING';
  return {
    executionArn: identity.arn,
    stateMachineArn: identity.stateMachineArn,
    name: identity.name,
    status,
    startDate: startedAt,
    stopDate: isRunning ? null : at,
    ...dataMembers('input', input),
    ...dataMembers('output', isRunning ? null : output),
    redriveCount: execution.redriveCount,
    redriveDate: execution.redrivenAt,
    ...redriveStatus(status),
    error: isRunning ? null : (failure?.error ?? null),
    cause: isRunning ? null : (failure?.cause ?? null),
  };
}

function dataMembers(name: 'input' | 'output', payload: Payload | null): Readonly<Record<string, JsonValue>> {
  if (payload === null) return { [name]: null, [`${name}Details`]: null };
  // AWS counts the text as it stands in the event: as a JSON string.
  const isIncluded = Buffer.byteLength(JSON.stringify(payload.text)) <= STATUS_EVENT_PAYLOAD_BYTES_MAX;
  return { [name]: isIncluded ? payload.text : null, [`${name}Details`]: { included: isIncluded } };
}

function redriveStatus(status: ExecutionStatus): Readonly<Record<string, JsonValue>> {
  const redriveStatusReason = notRedrivable(status);
  return { redriveStatus: redriveStatusReason === null ? 'REDRIVABLE' : 'NOT_REDRIVABLE', redriveStatusReason };
}
