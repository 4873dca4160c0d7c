import type { Resource } from '../language/definition.js';
import { LOCAL_ACTIONS } from './aws-sdk/index.js';

/** The resources that Treadle runs, as `integrations` names them; a test holds the two together. */
export const RUN_RESOURCES: ReadonlySet<string> = new Set([
  'function',
  'activity',
  'lambda:invoke',
  'dynamodb:getItem',
  'dynamodb:putItem',
  'dynamodb:updateItem',
  'dynamodb:deleteItem',
  'sns:publish',
  'states:startExecution',
  'sqs:sendMessage',
  'events:putEvents',
  'http:invoke',
  'apigateway:invoke',
]);

/** Whether a Task with this resource is carried out here; the others fail with RESOURCE_NOT_AVAILABLE when their turn comes. */
export function isRun(resource: Resource): boolean {
  switch (resource.type) {
    case 'function':
      return true;
    case 'activity':
      return true;
    case 'integration':
      return resource.service.startsWith(SDK)
        ? isRunBySdk(resource)
        : isRunAs(`${resource.service}:${resource.action}`, resource.pattern);
    default:
      return resource satisfies never;
  }
}

/** Of the jobs that AWS waits for (`.sync`), executions are the only ones here. */
const isRunAs = (name: string, pattern: string): boolean =>
  RUN_RESOURCES.has(name) && (!pattern.startsWith('sync') || name === 'states:startExecution');

const SDK = 'aws-sdk:';

function isRunBySdk({ service, action, pattern }: Resource & { type: 'integration' }): boolean {
  if (pattern.startsWith('sync')) return false;
  return LOCAL_ACTIONS.get(service.slice(SDK.length))?.has(action.toLowerCase()) ?? false;
}
