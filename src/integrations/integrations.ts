import type { Functions } from '../functions/index.js';
import type { ActivityQueue } from '../services/activity-queue.js';
import type { AsyncInvocations } from '../services/async-invocations.js';
import type { Clock } from '../services/ports.js';
import { activity } from './activity.js';
import { dynamodbItems, type TableCalls } from './dynamodb-item.js';
import { type EventPutter, eventsPutEvents } from './events-put-events.js';
import { functionIntegration } from './function.js';
import { lambdaInvoke } from './lambda-invoke.js';
import type { Integration, TaskAnswer, TaskCall } from './port.js';
import { type Publisher, snsPublish } from './sns-publish.js';
import { type MessageSender, sqsSendMessage } from './sqs-send-message.js';
import { type ExecutionStarter, startExecution } from './start-execution.js';

export interface IntegrationPorts {
  readonly functions: Pick<Functions, 'invoke' | 'onLine'>;
  readonly events: Pick<AsyncInvocations, 'enqueue'>;
  readonly tables: TableCalls;
  readonly topics: Publisher;
  readonly executions: ExecutionStarter;
  readonly queues: MessageSender;
  readonly buses: EventPutter;
  readonly activities: Pick<ActivityQueue, 'enqueue'>;
  readonly clock: Clock;
}

/** Every integration that Treadle runs, by its resource: `function`, `lambda:invoke`, `dynamodb:putItem`, … */
export function integrations(ports: IntegrationPorts): ReadonlyMap<string, Integration> {
  const { functions, events, tables, topics, executions, queues, buses, activities, clock } = ports;
  const all = [
    functionIntegration(functions),
    activity(activities),
    lambdaInvoke({ invoker: functions, lines: functions, events, clock }),
    ...dynamodbItems(tables, clock),
    snsPublish(topics, clock),
    startExecution(executions, clock),
    sqsSendMessage(queues, clock),
    eventsPutEvents(buses, clock),
  ];
  return new Map(all.map((integration) => [integration.resource, integration]));
}

/** Carries out a call by the integration of its resource; a pattern's suffix (`.waitForTaskToken`) does not choose. */
export function performer(known: ReadonlyMap<string, Integration>): Pick<Integration, 'perform'> {
  return {
    perform: async (call, signal) => {
      const resource = resourceOf(call);
      return known.get(resource)?.perform(call, signal) ?? describeMissing(resource);
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
