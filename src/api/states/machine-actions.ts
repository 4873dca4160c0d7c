import { type Place, stateMachineArn } from '../../arn.js';
import { baseRevision } from '../../host/index.js';
import { type Diagnostic, parseDefinition } from '../../language/index.js';
import { DESCRIPTION_CHARS_MAX, type Quotas } from '../../limits.js';
import { type Action, ApiError } from '../port.js';
import { readLogging } from './logging-configuration.js';
import { INCLUDED_DATA, readMembers } from './members.js';
import { checkName, readMachineArn, readUnqualifiedArn } from './names.js';
import { MAX_RESULTS, NEXT_TOKEN, pageSize, readToken, writeToken } from './paging.js';
import type { Publication, RevisionRecord, StateMachine, StateMachines } from './state-machines.js';
import type { StoredExecutions } from './stored-executions.js';
import { readTags } from './tags.js';

const ARN = { type: 'string', required: true, min: 1, max: 256 } as const;
const TYPE = { type: 'string', oneOf: ['STANDARD', 'EXPRESS'] } as const;
const definitionRule = ({ definitionCharsMax }: Quotas) =>
  ({ type: 'string', max: definitionCharsMax, isSensitive: true }) as const;

/** Members of the service model that later issues bring: refused, never silently dropped. */
function refuseUnavailable(members: Readonly<Record<string, unknown>>): void {
  const encryption = members.encryptionConfiguration as { readonly type?: unknown } | undefined;
  if (encryption !== undefined && encryption.type !== 'AWS_OWNED_KEY')
    refuse('encryptionConfiguration with a customer key');
}

function refuse(what: string): never {
  throw new ApiError(
    'ValidationException',
    `Treadle does not have ${what} yet: leave it out. See docs/compatibility.md.`,
  );
}

const OPTIONAL_PARTS = {
  loggingConfiguration: { type: 'any' },
  tracingConfiguration: { type: 'any' },
  publish: { type: 'boolean' },
  versionDescription: { type: 'string', max: DESCRIPTION_CHARS_MAX },
  encryptionConfiguration: { type: 'any' },
} as const;

export interface MachineActionsOptions {
  readonly machines: StateMachines;
  readonly executions: StoredExecutions;
  /** Whether there is a log group of this ARN. */
  readonly groupExists: (arn: string) => Promise<boolean>;
}

export function machineActions({
  machines,
  executions,
  groupExists,
}: MachineActionsOptions): Readonly<Record<string, Action>> {
  return {
    CreateStateMachine: ({ input, place }) => create({ machines, groupExists }, place, input),
    UpdateStateMachine: ({ input }) => update({ machines, groupExists }, input),
    DescribeStateMachine: ({ input }) => describe(machines, input),
    DescribeStateMachineForExecution: ({ input }) => describeForExecution(machines, executions, input),
    ListStateMachines: ({ input, place }) => list(machines, place, input),
    DeleteStateMachine: ({ input }) => remove(machines, input),
    ValidateStateMachineDefinition: async ({ input }) => validate(input, machines.quotas),
  };
}

type Changes = Pick<MachineActionsOptions, 'machines' | 'groupExists'>;

async function create({ machines, groupExists }: Changes, place: Place, input: unknown): Promise<object> {
  const members = readMembers(input, {
    name: { type: 'string', required: true, min: 1 },
    definition: { ...definitionRule(machines.quotas), required: true },
    roleArn: ARN,
    type: TYPE,
    tags: { type: 'any' },
    ...OPTIONAL_PARTS,
  });
  checkName(members.name);
  const type = members.type === 'EXPRESS' ? 'EXPRESS' : 'STANDARD';
  const { name, definition, roleArn } = members;
  refuseUnavailable(members);
  const published = publicationOf(members);
  const tags = readTags(members.tags, stateMachineArn(place, name));
  const logging = await readLogging(members.loggingConfiguration, groupExists);
  const isTraced = readTracing(members.tracingConfiguration) ?? false;
  const settings = { name, definition, roleArn, type, logging, isTraced } as const;
  const machine = await machines.create(place, settings, { tags, published });
  return {
    stateMachineArn: machine.arn,
    creationDate: machine.createdAt / 1000,
    ...(published !== null && { stateMachineVersionArn: `${machine.arn}:1` }),
  };
}

/** `enabled` of a tracingConfiguration; undefined where there is none. */
function readTracing(configuration: unknown): boolean | undefined {
  if (configuration === undefined) return undefined;
  const enabled = typeof configuration === 'object' && configuration !== null && 'enabled' in configuration;
  if (!enabled) return false;
  if (typeof configuration.enabled === 'boolean') return configuration.enabled;
  throw new ApiError(
    'ValidationException',
    `Expected 'tracingConfiguration.enabled' to be true or false, but it is ${JSON.stringify(configuration.enabled)}.`,
  );
}

/** Null when no version is asked for. */
function publicationOf(members: {
  readonly publish: boolean | undefined;
  readonly versionDescription: string | undefined;
}): Publication | null {
  const { publish, versionDescription = null } = members;
  if (publish === true) return { description: versionDescription };
  if (versionDescription === null) return null;
  throw new ApiError('ValidationException', 'Version description can only be set when publish is true');
}

async function update({ machines, groupExists }: Changes, input: unknown): Promise<object> {
  const members = readMembers(input, {
    stateMachineArn: ARN,
    definition: definitionRule(machines.quotas),
    roleArn: { type: 'string', min: 1, max: 256 },
    ...OPTIONAL_PARTS,
  });
  const { definition, roleArn, loggingConfiguration, tracingConfiguration } = members;
  if ([definition, roleArn, loggingConfiguration, tracingConfiguration].every((part) => part === undefined)) {
    throw new ApiError(
      'MissingRequiredParameter',
      'Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be specified',
    );
  }
  refuseUnavailable(members);
  const published = publicationOf(members);
  const logging = loggingConfiguration === undefined ? undefined : await readLogging(loggingConfiguration, groupExists);
  const change = { definition, roleArn, logging, isTraced: readTracing(tracingConfiguration) };
  const updated = await machines.update(readUnqualifiedArn(members.stateMachineArn), change, published);
  return {
    updateDate: updated.updatedAt / 1000,
    revisionId: updated.shownRevision,
    ...(published !== null && { stateMachineVersionArn: `${updated.arn}:${updated.lastVersion}` }),
  };
}

/** An alias shows the version that its first route leads to. */
async function describe(machines: StateMachines, input: unknown): Promise<object> {
  const { stateMachineArn, includedData } = readMembers(input, { stateMachineArn: ARN, includedData: INCLUDED_DATA });
  const { arn, qualifier } = readMachineArn(stateMachineArn);
  const { machine, version, revision: id } = await machines.resolve(arn, qualifier, 0);
  const { shownRevision, createdAt }: Pick<StateMachine, 'shownRevision' | 'createdAt'> = version ?? machine;
  return {
    stateMachineArn: version?.arn ?? machine.arn,
    name: machine.name,
    status: 'ACTIVE',
    ...(await definitionMembers(machines, id, await machines.revision(id), includedData)),
    type: machine.type,
    creationDate: createdAt / 1000,
    ...(shownRevision !== null && { revisionId: shownRevision }),
    ...(typeof version?.description === 'string' && { description: version.description }),
  };
}

async function describeForExecution(
  machines: StateMachines,
  executions: StoredExecutions,
  input: unknown,
): Promise<object> {
  const { executionArn, includedData } = readMembers(input, { executionArn: ARN, includedData: INCLUDED_DATA });
  const row = await executions.row(executionArn);
  const revision = await machines.revision(row.revision);
  const machine = await machines.find(revision.machineArn);
  const isFirst = machine === null || machine.createdAt === revision.createdAt;
  const { id, label } = baseRevision(row.revision);
  const child = label === null ? null : (await executions.state(row)).child;
  return {
    stateMachineArn: row.machine,
    name: revision.machineName,
    ...(await definitionMembers(machines, id, revision, includedData)),
    updateDate: revision.createdAt / 1000,
    ...(!isFirst && { revisionId: id }),
    ...(child !== null && { label, mapRunArn: child.mapRunArn }),
  };
}

async function list(machines: StateMachines, place: Place, input: unknown): Promise<object> {
  const { maxResults, nextToken } = readMembers(input, {
    maxResults: MAX_RESULTS,
    nextToken: NEXT_TOKEN,
  });
  const limit = pageSize(maxResults);
  const after = readToken('machines', nextToken) as string | null; // written by us
  const page = await machines.list(place, after, limit + 1);
  const shown = page.slice(0, limit);
  return {
    stateMachines: shown.map(({ arn, name, type, createdAt }) => ({
      stateMachineArn: arn,
      name,
      type,
      creationDate: createdAt / 1000,
    })),
    ...(page.length > limit && { nextToken: writeToken('machines', shown.at(-1)?.name) }),
  };
}

async function remove(machines: StateMachines, input: unknown): Promise<object> {
  const { stateMachineArn } = readMembers(input, { stateMachineArn: ARN });
  await machines.remove(readUnqualifiedArn(stateMachineArn));
  return {};
}

async function definitionMembers(
  machines: StateMachines,
  id: string,
  revision: RevisionRecord,
  includedData: string | undefined,
): Promise<object> {
  const compiled = includedData === 'METADATA_ONLY' ? null : await machines.load(id);
  const references = compiled?.definition.variableReferences;
  return {
    definition: includedData === 'METADATA_ONLY' ? '' : revision.definition,
    roleArn: revision.roleArn,
    loggingConfiguration: revision.logging,
    tracingConfiguration: { enabled: revision.isTraced ?? false },
    encryptionConfiguration: { type: 'AWS_OWNED_KEY' },
    ...(references && references.size > 0 && { variableReferences: Object.fromEntries(references) }),
  };
}

const DIAGNOSTICS_MAX = 100;

function validate(input: unknown, quotas: Quotas): object {
  const { definition, type, severity, maxResults } = readMembers(input, {
    definition: { ...definitionRule(quotas), required: true },
    type: TYPE,
    severity: { type: 'string', oneOf: ['ERROR', 'WARNING'] },
    maxResults: { type: 'integer', min: 0, max: DIAGNOSTICS_MAX },
  });
  const { diagnostics } = parseDefinition(definition, {
    type: type === 'EXPRESS' ? 'EXPRESS' : 'STANDARD',
    charsMax: quotas.definitionCharsMax,
  });
  const wanted = diagnostics.filter((diagnostic) => severity === 'WARNING' || diagnostic.severity === 'ERROR');
  const shown = wanted.slice(0, maxResults || DIAGNOSTICS_MAX);
  return {
    result: diagnostics.some((diagnostic) => diagnostic.severity === 'ERROR') ? 'FAIL' : 'OK',
    diagnostics: shown.map(diagnosticMembers),
    truncated: shown.length < wanted.length,
  };
}

const diagnosticMembers = ({ severity, code, message, location }: Diagnostic): object => ({
  severity,
  code,
  message,
  ...(location !== null && { location }),
});
