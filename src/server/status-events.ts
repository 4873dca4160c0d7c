import type { Alongside, Committed } from '../host/index.js';
import { type Execution, type ExecutionStatus, type HistoryRecord, notRedrivable } from '../interpreter/index.js';
import { STATUS_EVENT_PAYLOAD_BYTES_MAX } from '../limits/services.js';
import type { JsonValue, Payload } from '../payload/index.js';
import type { Events } from '../services/events/events.js';

export interface StatusEventsOptions {
  readonly events: Pick<Events, 'isListening' | 'prepare'>;
  readonly account: string;
  readonly report: (line: string) => void;
}

/**
 * Puts an event on the default bus when an execution starts and ends: written in the commit of that start or end, so that
 * no crash loses it (on AWS they are best effort). Nothing is done while no rule there looks at events.
 */
export function statusEvents({ events, account, report }: StatusEventsOptions): (one: Committed) => Alongside | null {
  const prepare = (execution: Execution, status: ExecutionStatus): Alongside | null => {
    const { arn, region } = execution.identity;
    const detail = detailOf(execution, status);
    const content = {
      source: 'aws.states',
      detailType: 'Step Functions Execution Status Change',
      resources: [arn],
      detail,
    };
    return events.prepare({ region, account }, content, `${arn}#${status}#${detail.redriveCount}`);
  };
  return ({ execution, records }) => {
    const statuses = statusesOf(execution, records);
    if (statuses.length === 0 || !events.isListening({ region: execution.identity.region, account })) return null;
    try {
      return together(statuses.map((status) => prepare(execution, status)).filter((one) => one !== null));
    } catch (fault) {
      report(`Could not put the event that ${execution.identity.arn} is ${execution.status}: ${fault}`);
      return null;
    }
  };
}

function together(prepared: readonly Alongside[]): Alongside | null {
  const [first] = prepared;
  if (first === undefined) return null;
  const accept = (): void => {
    for (const one of prepared) one.accept();
  };
  return { writes: prepared.flatMap(({ writes }) => writes), accept, lookAgain: first.lookAgain };
}

/** What the records have made of the execution; one commit may hold both its start and its end. */
function statusesOf({ status }: Execution, records: readonly HistoryRecord[]): readonly ExecutionStatus[] {
  const begins = records.some(({ type }) => type === 'ExecutionStarted' || type === 'ExecutionRedriven');
  return [...(begins ? ['RUNNING' as const] : []), ...(status === 'RUNNING' ? [] : [status])];
}

function detailOf(execution: Readonly<Execution>, status: Execution['status']): Readonly<Record<string, JsonValue>> {
  const { identity, startedAt, at, input, output, failure, startedBy } = execution;
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
    ...redriveStatus(status, execution),
    error: isRunning ? null : (failure?.error ?? null),
    cause: isRunning ? null : (failure?.cause ?? null),
    stateMachineVersionArn: startedBy.stateMachineVersionArn ?? null,
    stateMachineAliasArn: startedBy.stateMachineAliasArn ?? null,
  };
}

function dataMembers(name: 'input' | 'output', payload: Payload | null): Readonly<Record<string, JsonValue>> {
  if (payload === null) return { [name]: null, [`${name}Details`]: null };
  // AWS counts the text as it stands in the event: as a JSON string.
  const isIncluded = Buffer.byteLength(JSON.stringify(payload.text)) <= STATUS_EVENT_PAYLOAD_BYTES_MAX;
  return { [name]: isIncluded ? payload.text : null, [`${name}Details`]: { included: isIncluded } };
}

function redriveStatus(status: ExecutionStatus, { child }: Execution): Readonly<Record<string, JsonValue>> {
  const redriveStatusReason = notRedrivable(status);
  if (redriveStatusReason !== null) return { redriveStatus: 'NOT_REDRIVABLE', redriveStatusReason };
  return { redriveStatus: child === null ? 'REDRIVABLE' : 'REDRIVABLE_BY_MAP_RUN', redriveStatusReason };
}
