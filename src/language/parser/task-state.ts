import { ASL_INTEGER_MAX } from '../../limits.js';
import type { Resource, TaskState, Template } from '../definition.js';
import { isKnownResource, parseResource } from '../resource-catalogue.js';
import type { StateSource } from './context.js';
import { memberTemplate, pathTemplate, resultPath, workInput } from './expressions.js';
import { jsonataTemplate } from './jsonata.js';
import { catchers, retriers } from './recovery.js';
import { inputOutput, integerOrPath, stateCommon, successor } from './state-parts.js';

const SECONDS = { min: 1, max: ASL_INTEGER_MAX };

export function taskState(state: StateSource): TaskState | null {
  state.fields.require(['Resource']);
  const resource = taskResource(state);
  const roleArn = credentials(state, resource);
  const timeoutSeconds = integerOrPath(state, 'TimeoutSeconds', SECONDS);
  const heartbeatSeconds = integerOrPath(state, 'HeartbeatSeconds', SECONDS);
  if (
    typeof timeoutSeconds === 'number' &&
    typeof heartbeatSeconds === 'number' &&
    heartbeatSeconds >= timeoutSeconds
  ) {
    state.fields.refuseField('HeartbeatSeconds', "'HeartbeatSeconds' must be smaller than 'TimeoutSeconds'");
  }
  const rest = {
    ...stateCommon(state),
    ...inputOutput(state),
    parameters: workInput(state),
    resultSelector: pathTemplate(state, 'ResultSelector'),
    resultPath: resultPath(state, state.fields),
    retry: retriers(state),
    catch: catchers(state),
    ...successor(state),
  };
  return resource && { type: 'Task', ...rest, resource, timeoutSeconds, heartbeatSeconds, roleArn };
}

function taskResource(state: StateSource): Resource | null {
  const text = state.fields.string('Resource');
  if (text === null) return null;
  if (!text.startsWith('arn:')) {
    state.fields.refuseField('Resource', 'Value is not a valid resource ARN');
    return null;
  }
  const resource = parseResource(text);
  if (resource === null || !isKnownResource(resource)) {
    state.fields.refuseField(
      'Resource',
      `The resource provided ${text} is not recognized. The value is not a valid resource ARN, or the resource is not available in this region.`,
    );
    return null;
  }
  if (state.nesting.machineType === 'EXPRESS') refuseForExpress(state, resource);
  warnOfMissing(state, resource, text);
  return resource;
}

/** AWS knows it, but it is not run here: the machine is accepted, and the task fails when it comes to it. */
function warnOfMissing({ context, fields }: StateSource, resource: Resource, text: string): void {
  if (context.isRun === null || context.isRun(resource)) return;
  context.log.warning({
    code: 'RESOURCE_NOT_RUN',
    message: `Treadle does not run '${text}' yet: the task will fail with Treadle.ResourceNotAvailable. Let a Lambda function make this call, or catch that error.`,
    location: fields.where('Resource'),
    offset: fields.value('Resource')?.offset ?? null,
  });
}

/** An Express machine waits for no job, token or worker. AWS ends the token's text with a blank. */
function refuseForExpress(state: StateSource, resource: Resource): void {
  if (resource.type === 'activity') {
    state.fields.refuseField('Resource', 'Express state machine does not support Activity ARN');
  } else if (resource.type === 'integration' && resource.pattern !== 'requestResponse') {
    const end = resource.pattern === 'waitForTaskToken' ? ' ' : '';
    const message = `Express state machine does not support '.${resource.pattern}' service integration${end}`;
    state.fields.refuseField('Resource', message);
  }
}

const ROLE = ['RoleArn', 'RoleArn.$'];

function credentials(state: StateSource, resource: Resource | null): Template | null {
  const fields = state.fields.object('Credentials');
  if (fields === null) return null;
  if (resource?.type === 'activity') {
    state.fields.refuseField('Credentials', "The field 'Credentials' is not supported for activities");
  }
  const names = state.language === 'JSONata' ? ['RoleArn'] : ROLE;
  fields.refuseOthers(new Set(names));
  const given = names.filter((name) => fields.has(name));
  if (given.length === 0) fields.refuse("The field 'RoleArn' is required but was missing");
  if (!fields.atMostOne(names)) return null;
  const key = given[0];
  const value = key === undefined ? undefined : fields.value(key);
  if (key === undefined || value === undefined || fields.string(key) === null) return null;
  if (state.language === 'JSONata') return jsonataTemplate(state, fields, key, 'string');
  if (pathTemplate(state, 'Credentials') === null) return null;
  return memberTemplate(state, key, value, 'Credentials');
}
