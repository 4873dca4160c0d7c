import type { Functions } from '../functions/index.js';
import type { ActivityQueue } from '../services/activity-queue.js';
import type { AsyncInvocations } from '../services/async-invocations.js';
import type { Clock } from '../services/ports.js';
import { activity } from './activity.js';
import { awsSdk, type EndpointOf } from './aws-sdk/index.js';
import { dynamodbItems, type TableCalls } from './dynamodb-item.js';
import { functionIntegration } from './function.js';
import { type ConnectionFinder, httpInvoke } from './http/http-invoke.js';
import { lambdaInvoke } from './lambda-invoke.js';
import type { Integration, TaskAnswer, TaskCall } from './port.js';
import { type Publisher, snsPublish } from './sns-publish.js';

export interface IntegrationPorts {
  readonly functions: Pick<Functions, 'invoke' | 'onLine'>;
  readonly events: Pick<AsyncInvocations, 'enqueue'>;
  readonly tables: TableCalls;
  readonly topics: Publisher;
  readonly connections: ConnectionFinder;
  readonly activities: Pick<ActivityQueue, 'enqueue'>;
  readonly clock: Clock;
}

/** Every integration that Treadle runs, by its resource: `function`, `lambda:invoke`, `dynamodb:putItem`, … */
export function integrations(ports: IntegrationPorts): ReadonlyMap<string, Integration> {
  const { functions, events, tables, topics, connections, activities, clock } = ports;
  const all = [
    functionIntegration(functions),
    activity(activities),
    lambdaInvoke({ invoker: functions, lines: functions, events, clock }),
    ...dynamodbItems(tables, clock),
    snsPublish(topics, clock),
    httpInvoke(connections, clock),
  ];
  return new Map(all.map((integration) => [integration.resource, integration]));
}

/**
 * Carries out a call by the integration of its resource, or, for `aws-sdk:*`, by the service's API; a pattern's suffix
 * (`.waitForTaskToken`) does not choose.
 */
export function performer(
  known: ReadonlyMap<string, Integration>,
  endpointOf: EndpointOf,
): Pick<Integration, 'perform'> {
  return {
    perform: async (call, signal) => {
      const resource = resourceOf(call);
      const answer = call.resourceType.startsWith('aws-sdk:')
        ? await awsSdk(endpointOf, call, signal)
        : await known.get(resource)?.perform(call, signal);
      return answer ?? describeMissing(resource);
    },
  };
}

function resourceOf({ resourceType, resource }: TaskCall): string {
  if (resourceType === 'function' || resourceType === 'activity') return resourceType;
  const [action = ''] = resource.split('.');
  return `${resourceType}:${action}`;
}

/** The name under which machines can catch that a resource of AWS is not run here. */
export const RESOURCE_NOT_AVAILABLE = 'Treadle.ResourceNotAvailable';

/** How a Task ends whose resource AWS knows and Treadle does not run, e.g. `sqs:sendMessage`. */
export const describeMissing = (resource: string): TaskAnswer => ({
  type: 'failed',
  error: RESOURCE_NOT_AVAILABLE,
  cause:
    `Treadle does not run the resource 'arn:aws:states:::${resource}' yet, so nothing was called. ` +
    `Let a Lambda function make this call (Resource 'arn:aws:states:::lambda:invoke'), or catch ${RESOURCE_NOT_AVAILABLE}. ` +
    'docs/compatibility.md lists the resources that run.',
  phase: 'start',
});
