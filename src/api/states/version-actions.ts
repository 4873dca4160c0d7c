import { DESCRIPTION_CHARS_MAX } from '../../limits.js';
import { type Action, ApiError } from '../port.js';
import { readMembers } from './members.js';
import { readMachineArn, readUnqualifiedArn } from './names.js';
import { MAX_RESULTS, NEXT_TOKEN, pageSize, readToken, writeToken } from './paging.js';
import type { StateMachines } from './state-machines.js';

const ARN = { type: 'string', required: true, min: 1, max: 256 } as const;

export function versionActions(machines: StateMachines): Readonly<Record<string, Action>> {
  return {
    PublishStateMachineVersion: ({ input }) => publish(machines, input),
    ListStateMachineVersions: ({ input }) => list(machines, input),
    DeleteStateMachineVersion: ({ input }) => remove(machines, input),
  };
}

async function publish(machines: StateMachines, input: unknown): Promise<object> {
  const members = readMembers(input, {
    stateMachineArn: ARN,
    revisionId: { type: 'string' },
    description: { type: 'string', max: DESCRIPTION_CHARS_MAX },
  });
  const { revisionId = null, description = null } = members;
  const version = await machines.publish(readUnqualifiedArn(members.stateMachineArn), { revisionId, description });
  return { stateMachineVersionArn: version.arn, creationDate: version.createdAt / 1000 };
}

async function list(machines: StateMachines, input: unknown): Promise<object> {
  const members = readMembers(input, { stateMachineArn: ARN, maxResults: MAX_RESULTS, nextToken: NEXT_TOKEN });
  const arn = readUnqualifiedArn(members.stateMachineArn);
  const limit = pageSize(members.maxResults);
  const tokens = `versions ${arn}`;
  const after = readToken(tokens, members.nextToken) as number | null; // written by us
  const page = await machines.versions.list(arn, after, limit + 1);
  const shown = page.slice(0, limit);
  return {
    stateMachineVersions: shown.map((version) => ({
      stateMachineVersionArn: version.arn,
      creationDate: version.createdAt / 1000,
    })),
    ...(page.length > limit && { nextToken: writeToken(tokens, shown.at(-1)?.number) }),
  };
}

/** One that does not exist is deleted already. Executions that it started go on. */
async function remove(machines: StateMachines, input: unknown): Promise<object> {
  const { stateMachineVersionArn } = readMembers(input, {
    stateMachineVersionArn: { type: 'string', required: true, min: 1, max: 2000 },
  });
  const { arn, qualifier } = readMachineArn(stateMachineVersionArn);
  if (qualifier === null || !/^\d{1,9}$/.test(qualifier)) {
    throw new ApiError(
      'ValidationException',
      `Expected stateMachineVersionArn to end with a version's number, but it is '${stateMachineVersionArn}'.`,
    );
  }
  const number = Number(qualifier);
  await machines.aliases.checkUnused(arn, number);
  await machines.versions.remove(arn, number);
  return {};
}
