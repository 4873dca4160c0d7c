import type { StateMachines } from '../api/states/index.js';
import { parseRemoteTarget, type RemoteRule } from '../integrations/index.js';
import type { RecordStore } from '../store/ports.js';
import { everyRecord } from '../store/record-pages.js';
import { putJson } from '../store/record-writes.js';

const COLLECTION = 'remote.states';
const PAGE = 500;

/** State → where its call goes, as a template says it: `aws`, or an endpoint's URL. */
export type RemoteOfStates = Readonly<Record<string, string>>;

interface Kept {
  /** Of the machine: another one of its name, made without a template, is not meant. */
  readonly createdAt: number;
  readonly states: RemoteOfStates;
}

export interface RemoteStatesOptions {
  readonly records: RecordStore;
  readonly machines: Pick<StateMachines, 'find'>;
  /** What the server was started with. */
  readonly rules: readonly RemoteRule[];
}

/** What templates say of states whose calls go elsewhere (`Metadata: Treadle: Remote`); all of it in memory. */
export class RemoteStates {
  readonly #kept = new Map<string, Kept>();

  private constructor(private readonly options: RemoteStatesOptions) {}

  static async open(options: RemoteStatesOptions): Promise<RemoteStates> {
    const states = new RemoteStates(options);
    for await (const { key, value } of everyRecord(options.records, { collection: COLLECTION, limit: PAGE }))
      states.#kept.set(key, JSON.parse(value) as Kept); // our own text
    return states;
  }

  find(machine: { readonly arn: string; readonly createdAt: number }): RemoteOfStates {
    const kept = this.#kept.get(machine.arn);
    return kept !== undefined && kept.createdAt === machine.createdAt ? kept.states : {};
  }

  async set(machine: { readonly arn: string; readonly createdAt: number }, states: RemoteOfStates): Promise<void> {
    if (Object.keys(states).length === 0) {
      if (!this.#kept.delete(machine.arn)) return;
      await this.options.records.write([{ type: 'delete', collection: COLLECTION, key: machine.arn }]);
      return;
    }
    const kept: Kept = { createdAt: machine.createdAt, states };
    await this.options.records.write([putJson(COLLECTION, machine.arn, kept)]);
    this.#kept.set(machine.arn, kept);
  }

  /** The rules for calls of one machine; those of the server come first. */
  async rulesFor(machineArn: string): Promise<readonly RemoteRule[]> {
    const { rules, machines } = this.options;
    if (!this.#kept.has(machineArn)) return rules;
    const machine = await machines.find(machineArn);
    if (machine === null) return rules;
    const own = Object.entries(this.find(machine)).map(
      ([state, where]): RemoteRule => ({
        scope: { type: 'state', machine: machine.name, state },
        target: parseRemoteTarget(where),
      }),
    );
    return [...rules, ...own];
  }
}
