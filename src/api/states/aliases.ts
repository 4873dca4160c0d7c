import { STATE_MACHINE_ALIASES_MAX } from '../../limits.js';
import type { RecordStore, RecordWrite } from '../../store/ports.js';
import { putJson } from '../../store/record-writes.js';
import { ApiError } from '../port.js';

/** A name for one version of a state machine, or for two between which starts are divided. */
export interface Alias {
  readonly arn: string;
  readonly name: string;
  readonly description: string | null;
  readonly routes: readonly Route[];
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface Route {
  readonly version: number;
  /** Percent of the starts; all routes of an alias together have 100. */
  readonly weight: number;
}

const ALIASES = 'state-machine-alias';

/** The aliases of all state machines. */
export class Aliases {
  constructor(private readonly records: RecordStore) {}

  async find(machineArn: string, name: string): Promise<Alias | null> {
    const text = await this.records.get(ALIASES, `${machineArn}:${name}`);
    return text === null ? null : (JSON.parse(text) as Alias);
  }

  /** By name, ascending; names after `after`. */
  async list(machineArn: string, after: string | null, limit: number): Promise<readonly Alias[]> {
    const prefix = `${machineArn}:`;
    const rows = await this.records.scan({
      collection: ALIASES,
      prefix,
      after: after === null ? null : prefix + after,
      limit,
    });
    return rows.map((row) => JSON.parse(row.value) as Alias);
  }

  all(machineArn: string): Promise<readonly Alias[]> {
    return this.list(machineArn, null, STATE_MACHINE_ALIASES_MAX);
  }

  /** Rejects with RecordConflict when there is an alias of this name. */
  async create(alias: Alias): Promise<void> {
    await this.records.write([putJson(ALIASES, alias.arn, alias, 'absent')]);
  }

  async replace(alias: Alias): Promise<void> {
    await this.records.write([putJson(ALIASES, alias.arn, alias)]);
  }

  async remove(arn: string): Promise<void> {
    await this.records.write([{ type: 'delete', collection: ALIASES, key: arn }]);
  }

  /** What deletes every alias of a machine. */
  async removal(machineArn: string): Promise<readonly RecordWrite[]> {
    return (await this.all(machineArn)).map(({ arn }) => ({ type: 'delete', collection: ALIASES, key: arn }));
  }

  /** Throws ConflictException when an alias leads to the version. */
  async checkUnused(machineArn: string, version: number): Promise<void> {
    const users = (await this.all(machineArn)).filter(({ routes }) =>
      routes.some((route) => route.version === version),
    );
    if (users.length === 0) return;
    const names = users.map(({ name }) => name).join(', ');
    throw new ApiError(
      'ConflictException',
      `Version to be deleted must not be referenced by an alias. Current list of aliases referencing this version: [${names}]`,
    );
  }
}

/** The route of one start. `chance` is in [0, 1). */
export function chooseRoute({ routes }: Alias, chance: number): Route {
  let left = chance * 100;
  for (const route of routes) {
    left -= route.weight;
    if (left < 0) return route;
  }
  const [first] = routes;
  if (first === undefined) throw new Error('Broken invariant: an alias without routes');
  return first;
}
