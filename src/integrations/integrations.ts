import type { Functions } from '../functions/index.js';
import type { ActivityQueue } from '../services/activity-queue.js';
import type { AsyncInvocations } from '../services/async-invocations.js';
import type { Clock } from '../services/ports.js';
import { activity } from './activity.js';
import { apiGatewayInvoke } from './apigateway-invoke.js';
import { type Asked, type AwsEndpoint, awsSdk, type EndpointOf } from './aws-sdk/index.js';
import { dynamodbItems, type TableCalls } from './dynamodb-item.js';
import { type EventPutter, eventsPutEvents } from './events-put-events.js';
import { functionIntegration } from './function.js';
import { type ConnectionFinder, httpInvoke } from './http/http-invoke.js';
import { lambdaInvoke } from './lambda-invoke.js';
import type { Integration, TaskAnswer, TaskCall } from './port.js';
import { optimised, remoteServiceOf } from './remote/optimised.js';
import { namedTarget, type RemoteRule, type RemoteTarget, restTarget } from './remote/rules.js';
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
  readonly connections: ConnectionFinder;
  readonly activities: Pick<ActivityQueue, 'enqueue'>;
  /** Where this server is reached: its own APIs are called there. */
  readonly endpointUrl: () => string;
  readonly clock: Clock;
}

/** Every integration that Treadle runs, by its resource: `function`, `lambda:invoke`, `dynamodb:putItem`, … */
export function integrations(ports: IntegrationPorts): ReadonlyMap<string, Integration> {
  const { functions, events, tables, topics, executions, queues, buses, connections, activities, clock } = ports;
  const all = [
    functionIntegration(functions),
    activity(activities),
    lambdaInvoke({ invoker: functions, lines: functions, events, clock }),
    ...dynamodbItems(tables, clock),
    snsPublish(topics, clock),
    startExecution(executions, clock),
    sqsSendMessage(queues, clock),
    eventsPutEvents(buses, clock),
    httpInvoke(connections, clock),
    apiGatewayInvoke(ports.endpointUrl, clock),
  ];
  return new Map(all.map((integration) => [integration.resource, integration]));
}

/** Who answers Tasks of AWS's services, besides the integrations that are run here. */
export interface Elsewhere {
  /** What was said of the calls of this machine. */
  rulesFor(stateMachineArn: string): Promise<readonly RemoteRule[]>;
  /** This server's own services; null where they do not have the operation. */
  local(asked: Asked): AwsEndpoint | null;
  remote(target: RemoteTarget): AwsEndpoint;
}

/**
 * Carries out a call by the endpoint that was named for it, else by the integration of its resource, or, for `aws-sdk:*`, by the
 * service's API; a pattern's suffix (`.waitForTaskToken`) does not choose.
 */
export function performer(
  known: ReadonlyMap<string, Integration>,
  { rulesFor, local, remote }: Elsewhere,
): Pick<Integration, 'perform'> {
  const endpointOf =
    (rules: readonly RemoteRule[]): EndpointOf =>
    (call, asked) => {
      const named = namedTarget(rules, call, asked.service);
      if (named !== null) return remote(named);
      const own = local(asked);
      const rest = own === null ? restTarget(rules) : null;
      return rest === null ? own : remote(rest);
    };
  return {
    perform: async (call, cancellation) => {
      const resource = resourceOf(call);
      const rules = await rulesFor(call.stateMachineArn);
      if (call.resourceType.startsWith('aws-sdk:')) {
        return (await awsSdk(endpointOf(rules), call, cancellation.signal)) ?? describeMissing(resource);
      }
      const named = namedTarget(rules, call, remoteServiceOf(call));
      if (named === null) return (await known.get(resource)?.perform(call, cancellation)) ?? describeMissing(resource);
      return (await optimised(remote(named), call, cancellation.signal)) ?? staysHere(resource);
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

/** How a Task ends whose resource AWS knows and Treadle does not run, e.g. `ecs:runTask`. */
export const describeMissing = (resource: string): TaskAnswer => ({
  type: 'failed',
  error: RESOURCE_NOT_AVAILABLE,
  cause:
    `Treadle does not run the resource 'arn:aws:states:::${resource}' yet, so nothing was called. ` +
    `${cureOf(resource)}, or catch ${RESOURCE_NOT_AVAILABLE}. docs/compatibility.md lists the resources that run.`,
  phase: 'start',
});

/** A state was named whose call has no way to another endpoint. */
const staysHere = (resource: string): TaskAnswer => ({
  type: 'failed',
  error: RESOURCE_NOT_AVAILABLE,
  cause:
    `Expected a call that can go to another endpoint, but 'arn:aws:states:::${resource}' cannot, so nothing was called. ` +
    "Take its state out of --remote, or use the service's AWS SDK integration (Resource 'arn:aws:states:::aws-sdk:…').",
  phase: 'start',
});

function cureOf(resource: string): string {
  const [prefix, service] = resource.split(':');
  if (prefix === 'aws-sdk')
    return `Name an endpoint that has it: treadle up --remote ${service}=aws (or the URL of one)`;
  return "Let a Lambda function make this call (Resource 'arn:aws:states:::lambda:invoke')";
}
