import { ApiError } from '../port.js';
import type { Route } from './aliases.js';
import { readMachineArn } from './names.js';

/** AWS: routes of one alias. */
const ROUTES_MAX = 2;

/** The routes of a request, and the machine whose versions they name. Throws ValidationException, InvalidArn. */
export function readRoutes(value: unknown): { readonly machineArn: string; readonly routes: readonly Route[] } {
  if (!Array.isArray(value)) throw invalid('routingConfiguration', 'Member must be a list');
  if (value.length === 0) throw invalid('routingConfiguration', 'Member must have length greater than or equal to 1');
  if (value.length > ROUTES_MAX) {
    throw invalid('routingConfiguration', `Member must have length less than or equal to ${ROUTES_MAX}`);
  }
  const entries = value.map(readEntry);
  const arns = entries.map(({ versionArn }) => versionArn);
  if (new Set(arns).size < arns.length) {
    throw new ApiError(
      'ValidationException',
      `Routing configuration must contain distinct state machine version ARNs. Received: [${arns.join(', ')}]`,
    );
  }
  const weights = entries.map(({ weight }) => weight);
  if (weights.reduce((sum, weight) => sum + weight, 0) !== 100) {
    throw new ApiError(
      'ValidationException',
      `Sum of routing configuration weights must equal 100. Received: [${weights.join(', ')}]`,
    );
  }
  return readVersions(entries);
}

interface Entry {
  readonly versionArn: string;
  readonly weight: number;
}

function readEntry(value: unknown, index: number): Entry {
  const at = (member: string): string => `routingConfiguration.${index + 1}.member.${member}`;
  const source = (typeof value === 'object' && value !== null ? value : {}) as Readonly<Record<string, unknown>>;
  const { stateMachineVersionArn, weight } = source;
  if (typeof stateMachineVersionArn !== 'string')
    throw invalid(at('stateMachineVersionArn'), 'Member must not be null');
  if (typeof weight !== 'number' || !Number.isInteger(weight)) throw invalid(at('weight'), 'Member must be an integer');
  if (weight < 0) throw invalid(at('weight'), 'Member must have value greater than or equal to 0');
  if (weight > 100) throw invalid(at('weight'), 'Member must have value less than or equal to 100');
  return { versionArn: stateMachineVersionArn, weight };
}

function readVersions(entries: readonly Entry[]): { readonly machineArn: string; readonly routes: readonly Route[] } {
  let machineArn: string | null = null;
  const routes = entries.map(({ versionArn, weight }) => {
    const { arn, qualifier } = readMachineArn(versionArn);
    if (qualifier === null || !/^\d{1,9}$/.test(qualifier)) {
      throw new ApiError(
        'ValidationException',
        `Expected the ARN of a version, which ends with its number, but found '${versionArn}'.`,
      );
    }
    if (machineArn !== null && machineArn !== arn) {
      throw new ApiError(
        'ValidationException',
        `Expected versions of one state machine, but found ${machineArn} and ${arn}.`,
      );
    }
    machineArn = arn;
    return { version: Number(qualifier), weight };
  });
  return { machineArn: machineArn ?? '', routes };
}

const invalid = (member: string, why: string): ApiError =>
  new ApiError(
    'ValidationException',
    `1 validation error detected: Value at '${member}' failed to satisfy constraint: ${why}`,
  );
