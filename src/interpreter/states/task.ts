import type { NumberField, Resource, TaskState } from '../../language/definition.js';
import { queryError, runtimeError } from '../../language/states-error.js';
import { isNumber, numberOf, type Payload, writeJson } from '../../payload/index.js';
import { applyTemplate, effectiveInput, numberIn, quotedValue, workInput } from '../data-flow.js';
import { type Draft, timersOf } from '../draft.js';
import type { Frame } from '../execution.js';
import { isoTime, type ScopeOptions } from '../scope.js';

/** Schedules the task; also a retry's new attempt, for which everything is evaluated again. */
export function scheduleTask(draft: Draft, frame: Frame, state: TaskState): void {
  const selected = effectiveInput(draft, frame, state);
  const options = scopeOptions(draft, frame, state.resource);
  const parameters = workInput(draft, frame, state, selected, options);
  const timeout = secondsOf(draft, frame, state.timeoutSeconds, selected, 'TimeoutSeconds');
  const heartbeat = secondsOf(draft, frame, state.heartbeatSeconds, selected, 'HeartbeatSeconds');
  const awaitsBeats = heartbeat !== null && takesBeats(state.resource);
  const schedule = {
    dueAt: timeout === null ? null : draft.at + timeout * 1000,
    heartbeatDueAt: awaitsBeats ? draft.at + heartbeat * 1000 : null,
  };
  if (state.resource.type === 'activity')
    return scheduleActivity(draft, frame, state, { parameters, timeout, heartbeat });
  const roleArn = roleOf(draft, frame, state, selected);
  const limits = {
    ...(timeout !== null && { timeoutInSeconds: timeout }),
    ...(roleArn !== null && { roleArn }),
  };
  const { resourceType, resource } = namesOf(state.resource);
  const record = draft.record(
    frame,
    resourceType === 'function'
      ? { type: 'LambdaFunctionScheduled', details: { resource, input: parameters, ...limits }, private: schedule }
      : {
          type: 'TaskScheduled',
          details: {
            resourceType,
            resource,
            region: draft.execution.identity.region,
            parameters,
            ...limits,
            ...(heartbeat !== null && { heartbeatInSeconds: heartbeat }),
          },
          private: schedule,
        },
  );
  draft.command({ type: 'InvokeTask', task: record.seq, resourceType, resource, parameters, stateName: state.name });
  for (const dueAt of timersOf(schedule)) draft.command({ type: 'StartTimer', timer: record.seq, dueAt });
}

/** Its time-out and its heartbeats count from when a worker has it. */
function scheduleActivity(
  draft: Draft,
  frame: Frame,
  state: TaskState,
  task: { readonly parameters: Payload; readonly timeout: number | null; readonly heartbeat: number | null },
): void {
  const { resourceType, resource } = namesOf(state.resource);
  const { parameters, timeout, heartbeat } = task;
  if (draft.policy.activities?.has(resource) === false) {
    throw runtimeError(`The activity ${resource} does not exist.`);
  }
  const record = draft.record(frame, {
    type: 'ActivityScheduled',
    details: {
      resource,
      input: parameters,
      ...(timeout !== null && { timeoutInSeconds: timeout }),
      ...(heartbeat !== null && { heartbeatInSeconds: heartbeat }),
    },
    private: null,
  });
  draft.command({ type: 'InvokeTask', task: record.seq, resourceType, resource, parameters, stateName: state.name });
}

/** As history names them; a function's ARN written directly has events of its own. */
function namesOf(resource: Resource): { readonly resourceType: string; readonly resource: string } {
  switch (resource.type) {
    case 'function':
      return { resourceType: 'function', resource: resource.arn };
    case 'activity':
      return { resourceType: 'activity', resource: resource.arn };
    case 'integration': {
      const suffix = resource.pattern === 'requestResponse' ? '' : `.${resource.pattern}`;
      return { resourceType: resource.service, resource: resource.action + suffix };
    }
    default:
      return resource satisfies never;
  }
}

const takesBeats = (resource: Resource): boolean =>
  resource.type === 'activity' || (resource.type === 'integration' && resource.pattern === 'waitForTaskToken');

const WITHOUT_TOKEN: ScopeOptions = { hasRetryCount: true };

/** The token names the task that is about to be recorded; the host checks it when an answer comes. */
function scopeOptions(draft: Draft, frame: Frame, resource: Resource): ScopeOptions {
  if (resource.type !== 'integration' || resource.pattern === 'requestResponse') return WITHOUT_TOKEN;
  const parts = [
    draft.execution.identity.arn,
    String(draft.execution.seq + 1),
    isoTime(frame.enteredAt),
    draft.random.uuid(),
  ];
  return { hasRetryCount: true, token: Buffer.from(parts.join(' ')).toString('base64') };
}

function roleOf(draft: Draft, frame: Frame, state: TaskState, input: Payload): string | null {
  if (state.roleArn === null) return null;
  const value = applyTemplate(draft, frame, state.roleArn, input, { hasRetryCount: true }).value;
  if (typeof value === 'string') return value;
  throw runtimeError(
    `The value of the field 'RoleArn' of 'Credentials' must be a string, but it is ${writeJson(value)}.`,
  );
}

function secondsOf(draft: Draft, frame: Frame, field: NumberField | null, input: Payload, name: string): number | null {
  if (field === null || typeof field === 'number') return field;
  const isPositive = (seconds: number): boolean => Number.isInteger(seconds) && seconds > 0;
  const seconds = numberIn(draft, frame, field, input, (path, scope) => {
    const value = path.evaluate(scope);
    if (isNumber(value) && isPositive(numberOf(value))) return numberOf(value);
    const found = `${path.text} == ${quotedValue(value)}`;
    throw runtimeError(`The ${name}Path parameter cannot be parsed as a positive long value: ${found}`);
  });
  if (isPositive(seconds)) return seconds;
  throw queryError(`The ${name} field cannot be parsed as a positive long value: ${seconds}`, name);
}
