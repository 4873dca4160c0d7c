import { type Activities, aliasActions, type StateMachines } from '../../api/states/index.js';
import { readLogging } from '../../api/states/logging-configuration.js';
import { readTags, type Tag, type Tags } from '../../api/states/tags.js';
import { activityArn, type Place, stateMachineArn } from '../../arn.js';
import { isRun } from '../../integrations/index.js';
import { parseDefinition } from '../../language/index.js';
import {
  type ActivitySettings,
  differences,
  type MachineAliasSettings,
  type MachineVersionPort,
  type MachineVersionSettings,
  type SettingsPort,
  type StateMachinePort,
} from '../../templates/index.js';
import type { RemoteStates } from '../remote-states.js';

export interface MachinePortOptions {
  readonly machines: StateMachines;
  readonly remote: RemoteStates;
  /** Whether there is a log group of this ARN. */
  readonly groupExists: (arn: string) => Promise<boolean>;
  readonly place: Place;
}

export function stateMachinePort({ machines, remote, groupExists, place }: MachinePortOptions): StateMachinePort {
  const find: StateMachinePort['find'] = async (arn) => {
    const machine = await machines.find(arn);
    if (machine === null) return null;
    const { name, type } = machine;
    const { definition, roleArn, logging, isTraced = false } = await machines.revision(machine.revision);
    const settings = { name, definition, type, roleArn, remote: remote.find(machine), logging, isTraced };
    return { ...settings, tags: recordOf(await machines.tags.of(arn)) };
  };
  return {
    validate: async (definition, type) =>
      parseDefinition(definition, { type, isRun, charsMax: machines.quotas.definitionCharsMax }).diagnostics,
    find,
    async create({ remote: states, tags, ...desired }) {
      const arn = stateMachineArn(place, desired.name);
      const logging = await readLogging(desired.logging, groupExists);
      await machines.create(place, { ...desired, logging }, { tags: listOf(tags, arn) });
      await remote.set(await machines.get(arn), states);
    },
    async update(arn, desired) {
      const { definition, roleArn, logging, isTraced, tags, remote: states } = desired;
      const change = { definition, roleArn, logging: await readLogging(logging, groupExists), isTraced };
      const actual = await find(arn);
      if (actual === null || differences(actual, change).length > 0) await machines.update(arn, change);
      await replaceTags(machines.tags, arn, tags);
      await remote.set(await machines.get(arn), states);
    },
    remove: (arn) => machines.remove(arn),
  };
}

export function machineVersionPort(machines: StateMachines): MachineVersionPort {
  const versionOf = (arn: string): Parameters<StateMachines['versions']['find']> => {
    const at = arn.lastIndexOf(':');
    return [arn.slice(0, at), Number(arn.slice(at + 1))];
  };
  return {
    async isCurrent(arn, { machineArn, revision }: MachineVersionSettings) {
      const [owner, number] = versionOf(arn);
      const version = owner === machineArn ? await machines.versions.find(owner, number) : null;
      if (version === null || revision === null) return version !== null;
      const machine = await machines.get(machineArn);
      return revision === 'current'
        ? version.revision === machine.revision
        : revision.id === (version.shownRevision ?? 'INITIAL');
    },
    async publish({ machineArn, revision, description }) {
      const revisionId = revision === null || revision === 'current' ? null : revision.id;
      return (await machines.publish(machineArn, { revisionId, description })).arn;
    },
    async remove(arn) {
      const [owner, number] = versionOf(arn);
      await machines.aliases.checkUnused(owner, number);
      await machines.versions.remove(owner, number);
    },
  };
}

/** Through the API's own actions, which check routes as AWS does. */
export function machineAliasPort(
  machines: StateMachines,
  now: () => number,
  place: Place,
): SettingsPort<MachineAliasSettings> {
  const { CreateStateMachineAlias, UpdateStateMachineAlias } = aliasActions(machines, now);
  const call = { place, requestId: 'deploy', signal: new AbortController().signal };
  return {
    async compare({ machineArn, alias, description, routes }) {
      const found = await machines.aliases.find(machineArn, alias);
      if (found === null) return null;
      const shown = found.routes.map(({ version, weight }) => ({ versionArn: `${machineArn}:${version}`, weight }));
      return differences({ description: found.description ?? '', routes: shown }, { description, routes });
    },
    async put({ machineArn, alias, description, routes }) {
      const routingConfiguration = routes.map(({ versionArn, weight }) => ({
        stateMachineVersionArn: versionArn,
        weight,
      }));
      const isThere = (await machines.aliases.find(machineArn, alias)) !== null;
      if (isThere) {
        const input = { stateMachineAliasArn: `${machineArn}:${alias}`, description, routingConfiguration };
        await UpdateStateMachineAlias?.({ ...call, input });
      } else await CreateStateMachineAlias?.({ ...call, input: { name: alias, description, routingConfiguration } });
    },
    remove: (arn) => machines.aliases.remove(arn),
  };
}

export function activityPort(activities: Activities, place: Place): SettingsPort<ActivitySettings> {
  return {
    async compare({ name, tags }) {
      const arn = activityArn(place, name);
      return activities.has(arn) ? differences({ tags: recordOf(await activities.tags.of(arn)) }, { tags }) : null;
    },
    async put({ name, tags }) {
      const { arn } = await activities.create(place, name, listOf(tags, name));
      await replaceTags(activities.tags, arn, tags);
    },
    remove: (arn) => activities.remove(arn),
  };
}

const recordOf = (tags: readonly Tag[]): Readonly<Record<string, string>> =>
  Object.fromEntries(tags.map(({ key, value }) => [key, value]));

/** Checked as those of a request. */
const listOf = (tags: Readonly<Record<string, string>>, arn: string): readonly Tag[] =>
  readTags(
    Object.entries(tags).map(([key, value]) => ({ key, value })),
    arn,
  );

async function replaceTags(tags: Tags, arn: string, wanted: Readonly<Record<string, string>>): Promise<void> {
  const list = listOf(wanted, arn);
  if (JSON.stringify(list) !== JSON.stringify(await tags.of(arn))) await tags.replace(arn, list);
}
