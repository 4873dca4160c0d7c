import { DESCRIPTION_CHARS_MAX, NAME_CHARS_MAX, STATE_MACHINE_ALIASES_MAX } from '../../limits.js';
import { RecordConflict } from '../../store/ports.js';
import { type Action, ApiError } from '../port.js';
import type { Alias, Route } from './aliases.js';
import { readMembers } from './members.js';
import { readMachineArn } from './names.js';
import { MAX_RESULTS, NEXT_TOKEN, pageSize, readToken, writeToken } from './paging.js';
import { readRoutes } from './routing-configuration.js';
import type { StateMachines } from './state-machines.js';

const ARN = { type: 'string', required: true, min: 1, max: 256 } as const;
const DESCRIPTION = { type: 'string', max: DESCRIPTION_CHARS_MAX } as const;
/** AWS: an alias may not look like a version's number. */
const NAME = {
  type: 'string',
  required: true,
  min: 1,
  max: NAME_CHARS_MAX,
  pattern: '^(?=.*[a-zA-Z_\\-\\.])[a-zA-Z0-9_\\-\\.]+$',
} as const;

export function aliasActions(machines: StateMachines, now: () => number): Readonly<Record<string, Action>> {
  return {
    CreateStateMachineAlias: ({ input }) => create(machines, now, input),
    DescribeStateMachineAlias: ({ input }) => describe(machines, input),
    UpdateStateMachineAlias: ({ input }) => update(machines, now, input),
    DeleteStateMachineAlias: ({ input }) => remove(machines, input),
    ListStateMachineAliases: ({ input }) => list(machines, input),
  };
}

async function create(machines: StateMachines, now: () => number, input: unknown): Promise<object> {
  const members = readMembers(input, {
    name: NAME,
    description: DESCRIPTION,
    routingConfiguration: { type: 'any', required: true },
  });
  const { name, description = null } = members;
  const { machineArn, routes } = readRoutes(members.routingConfiguration);
  await checkVersions(machines, machineArn, routes);
  const at = now();
  const alias: Alias = { arn: `${machineArn}:${name}`, name, description, routes, createdAt: at, updatedAt: at };
  const all = await machines.aliases.all(machineArn);
  if (all.length >= STATE_MACHINE_ALIASES_MAX && !all.some((other) => other.name === name)) {
    throw new ApiError(
      'ServiceQuotaExceededException',
      `Expected fewer than ${STATE_MACHINE_ALIASES_MAX} aliases of ${machineArn}, but it has as many. Delete aliases that are not used any more.`,
    );
  }
  try {
    await machines.aliases.create(alias);
  } catch (fault) {
    if (!(fault instanceof RecordConflict)) throw fault;
    return created(sameAs(await machines.aliases.find(machineArn, name), alias));
  }
  return created(alias);
}

const created = ({ arn, createdAt }: Alias): object => ({ stateMachineAliasArn: arn, creationDate: createdAt / 1000 });

/** The same request again is the same alias. */
function sameAs(existing: Alias | null, wanted: Alias): Alias {
  const isSame =
    existing?.description === wanted.description && JSON.stringify(existing.routes) === JSON.stringify(wanted.routes);
  if (existing !== null && isSame) return existing;
  throw new ApiError(
    'ConflictException',
    'Failed to create alias because an alias with the same name and a different routing configuration already exists.',
  );
}

async function checkVersions(machines: StateMachines, machineArn: string, routes: readonly Route[]): Promise<void> {
  for (const { version } of routes) {
    if ((await machines.versions.find(machineArn, version)) === null) throw notFound(`${machineArn}:${version}`);
  }
}

const notFound = (resourceName: string): ApiError =>
  new ApiError('ResourceNotFound', 'Request references a resource that does not exist.', 400, { resourceName });

async function describe(machines: StateMachines, input: unknown): Promise<object> {
  const { stateMachineAliasArn } = readMembers(input, { stateMachineAliasArn: ARN });
  const { alias, machineArn } = await readAlias(machines, stateMachineAliasArn);
  return {
    stateMachineAliasArn: alias.arn,
    name: alias.name,
    ...(alias.description !== null && { description: alias.description }),
    routingConfiguration: alias.routes.map(({ version, weight }) => ({
      stateMachineVersionArn: `${machineArn}:${version}`,
      weight,
    })),
    creationDate: alias.createdAt / 1000,
    updateDate: alias.updatedAt / 1000,
  };
}

/** Throws InvalidArn, ResourceNotFound. */
async function readAlias(
  machines: StateMachines,
  text: string,
): Promise<{ readonly alias: Alias; readonly machineArn: string }> {
  const { arn, qualifier } = readMachineArn(text);
  const alias = qualifier === null ? null : await machines.aliases.find(arn, qualifier);
  if (alias === null) throw notFound(text);
  return { alias, machineArn: arn };
}

async function update(machines: StateMachines, now: () => number, input: unknown): Promise<object> {
  const members = readMembers(input, {
    stateMachineAliasArn: ARN,
    description: DESCRIPTION,
    routingConfiguration: { type: 'any' },
  });
  const { description, routingConfiguration } = members;
  if (description === undefined && routingConfiguration === undefined) {
    throw new ApiError(
      'ValidationException',
      'Expected description or routingConfiguration to be given, but neither is.',
    );
  }
  const { alias, machineArn } = await readAlias(machines, members.stateMachineAliasArn);
  const changed = routingConfiguration === undefined ? null : readRoutes(routingConfiguration);
  if (changed !== null) {
    if (changed.machineArn !== machineArn) throw otherMachine(changed.machineArn, machineArn);
    await checkVersions(machines, machineArn, changed.routes);
  }
  const updatedAt = now();
  await machines.aliases.replace({
    ...alias,
    description: description ?? alias.description,
    routes: changed?.routes ?? alias.routes,
    updatedAt,
  });
  return { updateDate: updatedAt / 1000 };
}

const otherMachine = (found: string, expected: string): ApiError =>
  new ApiError(
    'ValidationException',
    `Expected routingConfiguration to name versions of ${expected}, but it names versions of ${found}.`,
  );

async function remove(machines: StateMachines, input: unknown): Promise<object> {
  const { stateMachineAliasArn } = readMembers(input, { stateMachineAliasArn: ARN });
  const { alias } = await readAlias(machines, stateMachineAliasArn);
  await machines.aliases.remove(alias.arn);
  return {};
}

async function list(machines: StateMachines, input: unknown): Promise<object> {
  const members = readMembers(input, { stateMachineArn: ARN, maxResults: MAX_RESULTS, nextToken: NEXT_TOKEN });
  const { arn, qualifier } = readMachineArn(members.stateMachineArn);
  const { version } = await machines.resolve(arn, qualifier, 0);
  const limit = pageSize(members.maxResults);
  const tokens = `aliases ${members.stateMachineArn}`;
  const after = readToken(tokens, members.nextToken) as string | null; // written by us
  const all = (await machines.aliases.all(arn)).filter(
    ({ routes }) => version === null || routes.some((route) => route.version === version.number),
  );
  const rest = after === null ? all : all.filter(({ name }) => name > after);
  const shown = rest.slice(0, limit);
  return {
    stateMachineAliases: shown.map((alias) => created(alias)),
    ...(rest.length > limit && { nextToken: writeToken(tokens, shown.at(-1)?.name) }),
  };
}
