import { parseArn } from '../arn.js';
import type { Functions } from '../functions/index.js';
import { parseFunctionReference } from '../functions/index.js';
import type { AsyncInvocations } from '../services/async-invocations.js';
import type { Events } from '../services/events/events.js';
import type { Executions, TargetCall, TargetOutcome, Targets } from '../services/ports.js';
import { SnsFault } from '../services/sns/fault.js';
import type { Sns } from '../services/sns/sns.js';
import { SqsFault } from '../services/sqs/fault.js';
import type { Sqs } from '../services/sqs/sqs.js';

export interface TargetPorts {
  readonly functions: Pick<Functions, 'all'>;
  readonly invocations: Pick<AsyncInvocations, 'enqueue'>;
  readonly executions: Executions;
  readonly queues: Pick<Sqs, 'send'>;
  readonly topics: Pick<Sns, 'publish'>;
  readonly buses: Pick<Events, 'forward' | 'put'>;
}

/** Sends what events and schedules have for a resource to the service that has it. `ports` is asked at each call. */
export function targetsOf(ports: () => TargetPorts): Targets {
  return {
    send: async (call) => {
      const arn = parseArn(call.arn);
      switch (arn?.service) {
        case 'lambda':
          return invoke(ports(), call);
        case 'states':
          return start(ports(), call);
        case 'sqs':
          return send(ports(), call);
        case 'sns':
          return publish(ports(), call);
        case 'events':
          return putEvent(ports(), call, { region: arn.region, account: arn.account });
        default:
          return refused('RESOURCE_NOT_FOUND', `Expected a target that Treadle delivers to, but it is ${call.arn}.`);
      }
    },
    giveUp: ({ arn, body, key, attributes: given }) => {
      const attributes = Object.fromEntries(
        Object.entries(given).map(([name, value]) => {
          const dataType = typeof value === 'number' ? 'Number' : 'String';
          return [name, { dataType, stringValue: String(value) }];
        }),
      );
      if (parseArn(arn)?.service === 'sns')
        return publishTo(ports(), { topicArn: arn, message: body, attributes }, key);
      return sendTo(ports(), arn, key, { body, attributes, groupId: undefined });
    },
  };
}

const DONE: TargetOutcome = { type: 'done' };
const refused = (code: string, message: string): TargetOutcome => ({ type: 'refused', code, message });

/** Asynchronously: the function's own queue has it from then on. */
async function invoke(
  { functions, invocations }: TargetPorts,
  { arn, input, key }: TargetCall,
): Promise<TargetOutcome> {
  const { region = '', account = '' } = parseArn(arn) ?? {};
  const reference = parseFunctionReference(arn, { region, account });
  if (reference === null || !functions.all().some((known) => known.arn === reference.arn)) {
    return refused('RESOURCE_NOT_FOUND', `Function not found: ${arn}`);
  }
  await invocations.enqueue({ functionName: arn, event: input, requestId: key.slice(-36) }, { key });
  return DONE;
}

async function start({ executions }: TargetPorts, { arn, input, key }: TargetCall): Promise<TargetOutcome> {
  const outcome = await executions.start(arn, input, key);
  return outcome.type === 'started' ? DONE : refused(outcome.code, outcome.message);
}

const send = (ports: TargetPorts, { arn, input, key, messageGroupId }: TargetCall): Promise<TargetOutcome> =>
  sendTo(ports, arn, key, { body: input, attributes: {}, groupId: messageGroupId ?? undefined });

async function sendTo(
  { queues }: TargetPorts,
  arn: string,
  key: string,
  message: Pick<Parameters<Sqs['send']>[1], 'body' | 'attributes' | 'groupId'>,
): Promise<TargetOutcome> {
  // A FIFO queue that does not look at contents needs an id: the call's own.
  const deduplicationId = message.groupId === undefined ? undefined : key;
  const request = { ...message, delaySeconds: undefined, traceHeader: undefined, deduplicationId };
  try {
    await queues.send(arn, request, { key });
    return DONE;
  } catch (fault) {
    if (fault instanceof SqsFault) return refused(fault.code, fault.message);
    throw fault;
  }
}

function publish(ports: TargetPorts, { arn, input, key, messageGroupId, subject }: TargetCall): Promise<TargetOutcome> {
  const fifo = messageGroupId === null ? {} : { groupId: messageGroupId, deduplicationId: key };
  const request = { topicArn: arn, message: input, ...fifo, ...(subject !== undefined && { subject }) };
  return publishTo(ports, request, key);
}

async function publishTo(
  { topics }: TargetPorts,
  request: Parameters<Sns['publish']>[0],
  key: string,
): Promise<TargetOutcome> {
  try {
    await topics.publish(request, { key });
    return DONE;
  } catch (fault) {
    if (fault instanceof SnsFault) return refused(fault.code, fault.message);
    throw fault;
  }
}

/** A rule sends events on; a schedule makes one. */
async function putEvent(
  { buses }: TargetPorts,
  { arn, input, key, event }: TargetCall,
  place: { readonly region: string; readonly account: string },
): Promise<TargetOutcome> {
  if (event === null) return buses.forward(arn, input, key);
  const entry = { ...event, detail: input, time: undefined, busName: arn };
  const [result] = await buses.put(place, [entry], { key });
  return result !== undefined && 'errorCode' in result ? refused(result.errorCode, result.errorMessage) : DONE;
}
