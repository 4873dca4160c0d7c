import type { StateMachines } from '../../api/states/index.js';
import type { DeployReport } from '../../api/treadle/index.js';
import type { Place } from '../../arn.js';
import { type Functions, parseFunctionReference } from '../../functions/index.js';

export interface MissingFunctionsOptions {
  readonly machines: Pick<StateMachines, 'find' | 'revision'>;
  readonly functions: Pick<Functions, 'all'>;
  readonly place: Place;
}

/** A warning for every Task of a deployed state machine that calls a function which nobody has deployed (yet). */
export async function missingFunctions(
  report: DeployReport,
  { machines, functions, place }: MissingFunctionsOptions,
): Promise<readonly string[]> {
  const known = new Set(functions.all().map(({ name }) => name));
  const warnings: string[] = [];
  for (const { type, physicalId, line } of report.resources) {
    if (physicalId === null || !type.endsWith('::StateMachine')) continue;
    const machine = await machines.find(physicalId);
    if (machine === null) continue;
    const { definition } = await machines.revision(machine.revision);
    for (const { state, target } of functionCalls(JSON.parse(definition))) {
      const reference = parseFunctionReference(target, place);
      if (reference === null || known.has(reference.name)) continue;
      warnings.push(
        `${report.template}:${line}:1 State '${state}' calls the function '${reference.name}', but there is none. ` +
          'Until it is created, executions fail there with Lambda.ResourceNotFoundException.',
      );
    }
  }
  return warnings;
}

interface FunctionCall {
  readonly state: string;
  /** A function's name or ARN. */
  readonly target: string;
}

const INVOKE = /^arn:[^:]+:states:::lambda:invoke(\.\w+)?$/;
const FUNCTION_ARN = /^arn:[^:]+:lambda:/;

/** Of a valid definition, at any depth; functions that a path names are known at run time only. */
function functionCalls(value: unknown, name = ''): readonly FunctionCall[] {
  if (typeof value !== 'object' || value === null) return [];
  const target = targetOf(value);
  if (target !== null) return [{ state: name, target }];
  return Object.entries(value).flatMap(([key, member]) => functionCalls(member, key));
}

function targetOf(state: object): string | null {
  const { Type, Resource, Parameters } = state as { Type?: unknown; Resource?: unknown; Parameters?: unknown };
  if (Type !== 'Task' || typeof Resource !== 'string') return null;
  if (FUNCTION_ARN.test(Resource)) return Resource;
  if (!INVOKE.test(Resource) || typeof Parameters !== 'object' || Parameters === null) return null;
  const { FunctionName } = Parameters as { FunctionName?: unknown };
  return typeof FunctionName === 'string' ? FunctionName : null;
}
