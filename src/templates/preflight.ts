import { codeDigest, textDigest } from './code-digest.js';
import type { DeployPlan, FunctionCode, PlannedFunction, PlannedStateMachine, PlannedTable } from './plan.js';
import type { DefinitionFault, DeployPorts } from './ports.js';
import type { Problem, Remark } from './problem.js';
import { tableDifference } from './table-changes.js';
import type { Position } from './template-value.js';

/** What was found out before anything is changed. */
export interface Preflight {
  readonly problems: readonly Problem[];
  readonly remarks: readonly Remark[];
  /** Digest of each function's code, by logical id. */
  readonly codeDigests: ReadonlyMap<string, string>;
}

/** Asks the server about every function, definition and table of the plan, and changes nothing. */
export async function preflight(plan: DeployPlan, ports: DeployPorts): Promise<Preflight> {
  const problems: Problem[] = [];
  const remarks: Remark[] = [];
  const codeDigests = new Map<string, string>();
  for (const resource of plan.resources) {
    switch (resource.kind) {
      case 'function':
        problems.push(...(await checkFunction(plan, resource, { ports, codeDigests })));
        break;
      case 'stateMachine':
        await checkStateMachine(plan, resource, { ports, problems, remarks });
        break;
      case 'table':
        problems.push(...(await checkTable(plan, resource, ports)));
        break;
      case 'topic':
      case 'bucket':
      case 'subscription':
      case 'version':
      case 'layer':
      case 'alias':
      case 'eventSource':
      case 'queue':
      case 'secret':
      case 'bus':
      case 'rule':
      case 'front':
      case 'bucketPart':
      case 'schedule':
      case 'machineVersion':
      case 'machineAlias':
      case 'activity':
      case 'logGroup':
      case 'eventInvoke':
      case 'alarm':
        break;
      default:
        resource satisfies never;
    }
  }
  return { problems, remarks, codeDigests };
}

const problemAt = (
  plan: DeployPlan,
  { logicalId, resourceType, at, construct }: PlannedFunction | PlannedStateMachine | PlannedTable,
  message: string,
): Problem => ({
  kind: 'invalid',
  file: plan.file,
  ...at,
  resource: logicalId,
  resourceType,
  ...(construct !== undefined && { construct }),
  message,
});

async function checkFunction(
  plan: DeployPlan,
  resource: PlannedFunction,
  { ports, codeDigests }: { ports: DeployPorts; codeDigests: Map<string, string> },
): Promise<readonly Problem[]> {
  const { code, settings, logicalId } = resource;
  const path = code.type === 'path' ? code.path : null;
  const reason = await ports.functions.check(settings, path);
  if (reason !== null) return [problemAt(plan, resource, reason)];
  try {
    codeDigests.set(logicalId, await digestOf(code, ports));
    return [];
  } catch (error) {
    return [problemAt(plan, resource, error instanceof Error ? error.message : String(error))];
  }
}

/** Throws when the code cannot be read. */
async function digestOf(code: FunctionCode, { objects }: DeployPorts): Promise<string> {
  switch (code.type) {
    case 'path':
      return codeDigest(code.path);
    case 'inline':
      return textDigest(code.text);
    case 'stored': {
      const digest = await objects.digest(code.object);
      if (digest !== null) return digest;
      const { bucket, key } = code.object;
      throw new Error(
        `Expected the code at s3://${bucket}/${key}, but there is no such object in this server's S3. Put it there first.`,
      );
    }
    default:
      return code satisfies never;
  }
}

async function checkStateMachine(
  plan: DeployPlan,
  resource: PlannedStateMachine,
  { ports, problems, remarks }: { ports: DeployPorts; problems: Problem[]; remarks: Remark[] },
): Promise<void> {
  const { arn, resourceType, settings } = resource;
  for (const diagnostic of await ports.stateMachines.validate(settings.definition, settings.type)) {
    const found = located(diagnostic, resource);
    if (diagnostic.severity === 'ERROR') problems.push({ ...found, kind: 'invalid', resourceType });
    else remarks.push({ ...found, kind: 'warning' });
  }
  const actual = await ports.stateMachines.find(arn);
  if (actual === null || actual.type === settings.type) return;
  // AWS makes a new machine for it: the type is fixed when a machine is made.
  const message = `Expected machine '${settings.name}' to stay ${actual.type}, but the template has ${settings.type}. Give it another name, or delete it first.`;
  problems.push(problemAt(plan, resource, message));
}

async function checkTable(plan: DeployPlan, resource: PlannedTable, ports: DeployPorts): Promise<readonly Problem[]> {
  const actual = await ports.tables.describe(resource.settings.name);
  const refusal = actual === null ? null : tableDifference(actual, resource.settings).refusal;
  return refusal === null ? [] : [problemAt(plan, resource, refusal)];
}

/** A fault with the author's file and line. */
function located(
  diagnostic: DefinitionFault,
  { logicalId, source, construct }: PlannedStateMachine,
): Omit<Remark, 'kind'> {
  const { message, code, location } = diagnostic;
  const whole = `${code}: ${message}${location === null ? '' : ` (${location})`}`;
  const about = { file: source.file, resource: logicalId, ...(construct !== undefined && { construct }) };
  switch (source.form) {
    case 'text':
      return {
        ...about,
        message: whole,
        line: diagnostic.line ?? source.at.line,
        column: diagnostic.column ?? source.at.column,
      };
    case 'values':
      return { ...about, message: whole, ...placeOf(location, source.places, source.at) };
    case 'property': {
      const line =
        diagnostic.line === null ? '' : ` [line ${diagnostic.line}, column ${diagnostic.column} of the definition]`;
      return { ...about, message: `${whole}${line}`, ...source.at };
    }
    default:
      return source.form satisfies never;
  }
}

/** The place of the location, or of the nearest thing around it (a missing field has none of its own). */
function placeOf(location: string | null, places: ReadonlyMap<string, Position>, fallback: Position): Position {
  for (
    let path = location ?? '';
    path !== '';
    path = path.slice(0, Math.max(path.lastIndexOf('/'), path.lastIndexOf('[')))
  ) {
    const place = places.get(path);
    if (place !== undefined) return place;
    if (path.lastIndexOf('/') < 0 && path.lastIndexOf('[') < 0) break;
  }
  return fallback;
}
