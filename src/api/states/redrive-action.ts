import { HISTORY_FULL, notRedrivable } from '../../interpreter/index.js';
import { HISTORY_EVENTS_REDRIVABLE_MAX, REDRIVE_MS_MAX, REDRIVE_TOKEN_MS } from '../../limits.js';
import type { ExecutionRow, RecordStore, StoredRecord } from '../../store/ports.js';
import { putJson } from '../../store/record-writes.js';
import { ApiError } from '../port.js';
import type { ExecutionActionsOptions } from './execution-input.js';
import { readMembers } from './members.js';

const TOKENS = 'redrive-token';

export type RedriveOptions = Pick<
  ExecutionActionsOptions,
  'host' | 'executions' | 'machines' | 'records' | 'now' | 'quotas'
>;

/** RedriveExecution: an execution that failed, timed out or was stopped goes on where it was. */
export async function redriveExecution(options: RedriveOptions, request: unknown): Promise<object> {
  const { host, executions, records, now } = options;
  const { executionArn, clientToken } = readMembers(request, {
    executionArn: { type: 'string', required: true, min: 1, max: 256 },
    clientToken: { type: 'string', min: 1, max: 64 },
  });
  const row = await executions.row(executionArn);
  const before = clientToken === undefined ? null : await redriveOf(options, row, clientToken);
  if (before !== null) return { redriveDate: before / 1000 };
  const { eventId, child } = await executions.state(row);
  const reason = child === null ? await whyNotRedrivable(options, row, eventId) : REDRIVEN_BY_MAP_RUN;
  if (reason !== null) throw new ApiError('ExecutionNotRedrivable', reason);
  await host.redrive(row.execution);
  const { redrivenAt } = await executions.row(executionArn);
  const redriveDate = redrivenAt ?? now();
  if (clientToken !== undefined) {
    await records.write([putJson(TOKENS, tokenKey(row, clientToken), { at: redriveDate })]);
  }
  return { redriveDate: redriveDate / 1000 };
}

const tokenKey = ({ execution }: ExecutionRow, token: string): string => `${execution}/${token}`;

/** When the same request was carried out before; older ones are forgotten on the way. */
async function redriveOf(
  { records, now }: RedriveOptions,
  row: ExecutionRow,
  clientToken: string,
): Promise<number | null> {
  const rows = await records.scan({ collection: TOKENS, prefix: `${row.execution}/`, after: null, limit: TOKENS_PAGE });
  const known = rows.map(({ key, value }) => ({ key, at: redriveTime(value) }));
  const old = known.filter(({ at }) => at < now() - REDRIVE_TOKEN_MS);
  if (old.length > 0) await records.write(old.map(({ key }) => ({ type: 'delete', collection: TOKENS, key })));
  return known.find(({ key, at }) => key === tokenKey(row, clientToken) && at >= now() - REDRIVE_TOKEN_MS)?.at ?? null;
}

/** Forgets redrives that no client repeats any more, also of executions that are gone. */
export async function forgetOldRedrives(records: RecordStore, now: number): Promise<void> {
  for (let after: string | null = null; ; ) {
    const page: readonly StoredRecord[] = await records.scan({
      collection: TOKENS,
      prefix: '',
      after,
      limit: TOKENS_PAGE,
    });
    const old = page.filter(({ value }) => redriveTime(value) < now - REDRIVE_TOKEN_MS);
    if (old.length > 0) await records.write(old.map(({ key }) => ({ type: 'delete', collection: TOKENS, key })));
    after = page.at(-1)?.key ?? null;
    if (page.length < TOKENS_PAGE) return;
  }
}

const TOKENS_PAGE = 100;

/** Our own text. */
const redriveTime = (text: string): number => (JSON.parse(text) as { readonly at: number }).at;

const REDRIVEN_BY_MAP_RUN = 'Execution is a child of a Map Run: redrive the execution that started the Map Run';

/** AWS's reasons; null when the execution can be redriven. */
export async function whyNotRedrivable(
  { machines, now, quotas }: Pick<RedriveOptions, 'machines' | 'now' | 'quotas'>,
  { machine, status, startAt, stopAt }: ExecutionRow,
  events: number,
): Promise<string | null> {
  const [machineArn = ''] = machine.split('/'); // a child's has the label of its Map behind it
  if ((await machines.find(machineArn)) === null) return 'State machine is in DELETING status';
  const reason = notRedrivable(status);
  if (reason !== null) return reason;
  if (events >= HISTORY_EVENTS_REDRIVABLE_MAX) return HISTORY_FULL;
  if (now() - startAt > quotas.executionSecondsMax * 1000) return 'Execution has exceeded the max execution time';
  return stopAt !== null && now() - stopAt > REDRIVE_MS_MAX ? 'Execution redrivable period exceeded' : null;
}
