import type { ActivityQueue } from '../services/activity-queue.js';
import type { Integration } from './port.js';

/** An activity: the task stands in line until a worker of its own accord takes it (GetActivityTask) and answers. */
export const activity = (queue: Pick<ActivityQueue, 'enqueue'>): Integration => ({
  resource: 'activity',
  perform: async ({ resource, executionArn, key, parameters }) => {
    const task = Number(key.slice(key.lastIndexOf('#') + 1));
    await queue.enqueue(resource, { executionArn, task, input: parameters.text });
    return { type: 'queued' };
  },
});
