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
  'http:invoke',
]);

/** Whether a Task with this resource is carried out here; the others fail with RESOURCE_NOT_AVAILABLE when their turn comes. */
export function isRun(resource: Resource): boolean {
  switch (resource.type) {
    case 'function':
      return true;
    case 'activity':
      return true;
    case 'integration':
      if (resource.pattern.startsWith('sync')) return false;
      if (resource.service.startsWith(SDK)) {
        return LOCAL_ACTIONS.get(resource.service.slice(SDK.length))?.has(resource.action.toLowerCase()) ?? false;
      }
      return RUN_RESOURCES.has(`${resource.service}:${resource.action}`);
    default:
      return resource satisfies never;
  }
}

const SDK = 'aws-sdk:';
