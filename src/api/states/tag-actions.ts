import { parseArn } from '../../arn.js';
import { type Action, ApiError } from '../port.js';
import type { Activities } from './activities.js';
import { readMembers } from './members.js';
import { readMachineArn } from './names.js';
import type { StateMachines } from './state-machines.js';
import { readTags } from './tags.js';

const ARN = { type: 'string', required: true, min: 1, max: 256 } as const;

export function tagActions(machines: StateMachines, activities: Activities): Readonly<Record<string, Action>> {
  return {
    TagResource: async ({ input }) => {
      const { resourceArn, tags } = readMembers(input, { resourceArn: ARN, tags: { type: 'any', required: true } });
      await checkResource(machines, activities, resourceArn);
      await machines.tags.add(resourceArn, readTags(tags, resourceArn));
      return {};
    },
    UntagResource: async ({ input }) => {
      const { resourceArn, tagKeys } = readMembers(input, {
        resourceArn: ARN,
        tagKeys: { type: 'any', required: true },
      });
      await checkResource(machines, activities, resourceArn);
      await machines.tags.remove(resourceArn, readKeys(tagKeys));
      return {};
    },
    ListTagsForResource: async ({ input }) => {
      const { resourceArn } = readMembers(input, { resourceArn: ARN });
      await checkResource(machines, activities, resourceArn);
      return { tags: await machines.tags.of(resourceArn) };
    },
  };
}

/** State machines and activities have tags; versions and aliases have none. Throws InvalidArn, ResourceNotFound. */
async function checkResource(machines: StateMachines, activities: Activities, text: string): Promise<void> {
  if (activities.has(text)) return;
  const isActivity = parseArn(text)?.resource.startsWith('activity:') === true;
  const { arn, qualifier } = isActivity ? { arn: text, qualifier: '' } : readMachineArn(text);
  if (qualifier === null && (await machines.find(arn)) !== null) return;
  throw new ApiError('ResourceNotFound', `Resource not found: '${text}'`, 400, { resourceName: text });
}

function readKeys(value: unknown): readonly string[] {
  if (Array.isArray(value) && value.every((key) => typeof key === 'string')) return value as readonly string[];
  throw new ApiError('ValidationException', "Expected 'tagKeys' to be a list of strings, but it is not.");
}
