import { z } from 'zod';
import { parseArn } from '../../arn.js';
import { noSuchGroup } from '../../services/logs/fault.js';
import type { LogGroup } from '../../services/logs/log-groups.js';
import type { Logs } from '../../services/logs/logs.js';
import { readInput } from '../input.js';
import { type ApiCall, ApiError } from '../port.js';

/** Throws InvalidParameterException for the first wrong member. */
export function read<T>(schema: z.ZodType<T>, { input }: ApiCall): T {
  return readInput(
    schema,
    input,
    (member, expectation) =>
      new ApiError(
        'InvalidParameterException',
        `1 validation error detected: Value at '${member}' failed to satisfy constraint: ${expectation}`,
      ),
  );
}

const GROUP = z.object({ logGroupName: z.string().optional(), logGroupIdentifier: z.string().optional() });

/** The group of the request, by its name or its ARN. */
export async function groupOf(logs: Logs, call: ApiCall): Promise<LogGroup> {
  const { logGroupName, logGroupIdentifier } = read(GROUP, call);
  const name = logGroupName ?? logGroupIdentifier;
  if (name === undefined) {
    throw new ApiError(
      'InvalidParameterException',
      'Expected logGroupName or logGroupIdentifier, but neither is given.',
    );
  }
  const arn = parseArn(name);
  if (arn === null) return logs.groups.get(call.place, name);
  const found = await logs.groups.find(groupArnOf(name));
  if (found === null) throw noSuchGroup();
  return found;
}

/** AWS writes `:*` behind a group's ARN in most places. */
export const groupArnOf = (arn: string): string => (arn.endsWith(':*') ? arn.slice(0, -2) : arn);
