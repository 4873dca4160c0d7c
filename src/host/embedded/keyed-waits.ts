import { CALLBACK_SUFFIX, type Decision, type Execution } from '../../interpreter/index.js';
import type { Payload } from '../../payload/index.js';
import type { ExecutionId, RecordStore, RecordWrite } from '../../store/ports.js';
import { putJson } from '../../store/record-writes.js';
import { openWaitWrites } from './open-waits.js';

/** By which business keys a waiting task is found: what a webhook knows instead of the token. */
export interface WaitKeys {
  /** Whether tasks of this machine have any. */
  hasKeys(machineArn: string): boolean;
  /** Texts that tell this wait from others; none where nobody asks for it by key. */
  keysOf(wait: {
    readonly machineArn: string;
    readonly state: string;
    readonly parameters: Payload;
  }): readonly string[];
}

/** `<business key> <open wait>` → the open wait; and the other way round, for its end. */
const BY_KEY = 'open-wait.by-key';
const OF_WAIT = 'open-wait.keys';

/** Open waits with this key, as their ids in `OPEN_WAITS`; at most `limit`. */
export async function waitsByKey(
  records: Pick<RecordStore, 'scan'>,
  key: string,
  limit: number,
): Promise<readonly string[]> {
  const rows = await records.scan({ collection: BY_KEY, prefix: `${key} `, after: null, limit });
  return rows.map(({ value }) => JSON.parse(value) as string); // our own text
}

interface Sources {
  readonly store: { readonly records: Pick<RecordStore, 'get'> };
  readonly waitKeys?: WaitKeys;
}

/** What the commit of a decision writes of waits that it opens and ends. A promise only where the keys of an ended one are read. */
export function waitWrites(
  { store, waitKeys }: Sources,
  execution: Execution,
  id: ExecutionId,
  decision: Pick<Decision, 'records' | 'commands'>,
): readonly RecordWrite[] | Promise<readonly RecordWrite[]> {
  const waits = openWaitWrites(execution, id, decision);
  if (waits.length === 0 || waitKeys === undefined) return waits;
  const machineArn = execution.identity.stateMachineArn.split(':').slice(0, 7).join(':');
  const ended = waits.flatMap((write) => (write.type === 'delete' ? [write.key] : []));
  const opened = decision.commands.flatMap((command): readonly RecordWrite[] => {
    if (command.type !== 'InvokeTask' || !command.resource.endsWith(CALLBACK_SUFFIX)) return [];
    if (!waitKeys.hasKeys(machineArn)) return [];
    const wait = waits.find((write) => write.type === 'put' && write.key.endsWith(`.${id}.${command.task}`))?.key;
    if (wait === undefined) return [];
    const keys = waitKeys.keysOf({ machineArn, state: command.stateName, parameters: command.parameters });
    if (keys.length === 0) return [];
    return [putJson(OF_WAIT, wait, keys), ...keys.map((key) => putJson(BY_KEY, `${key} ${wait}`, wait))];
  });
  if (ended.length === 0) return [...waits, ...opened];
  return forgotten(store.records, ended).then((gone) => [...waits, ...gone, ...opened]);
}

async function forgotten(records: Pick<RecordStore, 'get'>, waits: readonly string[]): Promise<readonly RecordWrite[]> {
  const found = await Promise.all(waits.map((wait) => records.get(OF_WAIT, wait)));
  return found.flatMap((text, index): RecordWrite[] => {
    const wait = waits[index] ?? '';
    if (text === null) return [];
    const keys = JSON.parse(text) as readonly string[]; // our own text
    return [
      { type: 'delete', collection: OF_WAIT, key: wait },
      ...keys.map((key): RecordWrite => ({ type: 'delete', collection: BY_KEY, key: `${key} ${wait}` })),
    ];
  });
}
