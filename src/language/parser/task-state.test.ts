import { describe, expect, it } from 'vitest';
import { diagnose, task, withState } from './test-bed.js';

const UNKNOWN =
  'is not recognized. The value is not a valid resource ARN, or the resource is not available in this region.';
const S = 'SCHEMA_VALIDATION_FAILED:';

describe('Task', () => {
  const resource = (arn: string): string => `'Type':'Task','End':true,'Resource':'${arn}'`;
  // biome-ignore format: one line a case
  it.each([
    ["'Type':'Task','End':true", `${S} These fields are required: [Resource] at /States/A, on {`],
    [resource('my-function'), `${S} Value is not a valid resource ARN at /States/A/Resource, on 'my-function'`],
    [resource('arn:aws:states:::dynamodb:query'), `${S} The resource provided arn:aws:states:::dynamodb:query ${UNKNOWN} at /States/A/Resource, on 'arn:aws:states:::dynamodb:query'`],
    [resource('arn:aws:lambda:your-region:your-account-id:function:f'), 'fine'],
    [task("'TimeoutSeconds':0"), `${S} Minimum value is 1 at /States/A/TimeoutSeconds, on 0`],
    [task("'TimeoutSeconds':5,'TimeoutSecondsPath':'$.t'"), `${S} There should only be one of the following fields: [TimeoutSeconds, TimeoutSecondsPath] at /States/A, on 'TimeoutSecondsPath'`],
    [task("'TimeoutSeconds':5,'HeartbeatSeconds':5"), `${S} 'HeartbeatSeconds' must be smaller than 'TimeoutSeconds' at /States/A/HeartbeatSeconds, on 5`],
    [task("'Credentials':{}"), `${S} The field 'RoleArn' is required but was missing at /States/A/Credentials, on {`],
    [task("'Credentials':{'RoleArn.$':'$.r','X':1}"), `${S} Field 'X' is not supported at /States/A/Credentials, on 'X'`],
    [task("'Retry':{}"), `${S} Expected value of type Array at /States/A/Retry, on {`],
    [task("'Retry':[1]"), `${S} Expected value of type Object at /States/A/Retry[0], on 1`],
    [task("'Retry':[{}]"), `${S} These fields are required: [ErrorEquals] at /States/A/Retry[0], on {`],
    [task("'Retry':[{'ErrorEquals':[]}]"), `${S} Value cannot be empty at /States/A/Retry[0]/ErrorEquals, on [`],
    [task("'Retry':[{'ErrorEquals':[1]}]"), `${S} Expected value of type String at /States/A/Retry[0]/ErrorEquals[0], on 1`],
    [task("'Retry':[{'ErrorEquals':['States.ALL','E']}]"), `${S} States.ALL must appear alone and at end of list at /States/A/Retry[0]/ErrorEquals, on [`],
    [task("'Retry':[{'ErrorEquals':['States.ALL']},{'ErrorEquals':['E']}]"), `${S} States.ALL must appear alone and at end of list at /States/A/Retry[0]/ErrorEquals, on [`],
    [task("'Retry':[{'ErrorEquals':['E'],'IntervalSeconds':0,'MaxAttempts':0,'BackoffRate':1.5}]"), 'fine'],
    [task("'Retry':[{'ErrorEquals':['E'],'BackoffRate':0.5}]"), `${S} Minimum value is 1 at /States/A/Retry[0]/BackoffRate, on 0.5`],
    [task("'Retry':[{'ErrorEquals':['E'],'MaxDelaySeconds':31622401}]"), `${S} Maximum value is 31622400 at /States/A/Retry[0]/MaxDelaySeconds, on 31622401`],
    [task("'Retry':[{'ErrorEquals':['E'],'JitterStrategy':'SOME'}]"), `${S} Value should be one of the following: [NONE, FULL] at /States/A/Retry[0]/JitterStrategy, on 'SOME'`],
    [task("'Catch':[{'Next':'A'}]"), `${S} These fields are required: [ErrorEquals] at /States/A/Catch[0], on {`],
    [task("'Catch':[{}]"), `${S} These fields are required: [ErrorEquals, Next] at /States/A/Catch[0], on {`],
    [task("'Catch':[{'ErrorEquals':['E'],'Next':'A','_comment':1}]"), `${S} Field '_comment' is not supported at /States/A/Catch[0], on '_comment'`],
    [task("'Catch':[{'ErrorEquals':['E'],'Next':'Ghost'}]"), "MISSING_TRANSITION_TARGET: Missing 'Next' target: Ghost at /States/A/Catch[0]/Next, on 'Ghost'"],
    [task("'Catch':[{'ErrorEquals':['E'],'Next':'A','Output':'{% 1 %}'}]"), `${S} The QueryLanguage is set to 'JSONPath', but field 'Output' is only supported for the 'JSONata' QueryLanguage at /States/A/Catch[0], on 'Output'`],
    [task("'Arguments':{}"), `${S} The QueryLanguage is set to 'JSONPath', but field 'Arguments' is only supported for the 'JSONata' QueryLanguage at /States/A, on 'Arguments'`],
  ])('%s', (fields, diagnostics) => {
    expect(diagnose(withState(fields))).toBe(diagnostics);
  });

  // biome-ignore format: one line a case
  it.each([
    ['arn:aws:states:::sqs:sendMessage.waitForTaskToken', `${S} Express state machine does not support '.waitForTaskToken' service integration  at /States/A/Resource, on 'arn:aws:states:::sqs:sendMessage.waitForTaskToken'`],
    ['arn:aws:states:::states:startExecution.sync', `${S} Express state machine does not support '.sync' service integration at /States/A/Resource, on 'arn:aws:states:::states:startExecution.sync'`],
    ['arn:aws:states:us-east-1:000000000000:activity:a', `${S} Express state machine does not support Activity ARN at /States/A/Resource, on 'arn:aws:states:us-east-1:000000000000:activity:a'`],
    ['arn:aws:states:::sqs:sendMessage', 'fine'],
  ])('in an Express machine: %s', (arn, diagnostics) => {
    expect(diagnose(withState(resource(arn)), 'EXPRESS')).toBe(diagnostics);
    expect(diagnose(withState(resource(arn)))).toBe('fine');
  });

  it('an activity with credentials', () => {
    const fields =
      "'Type':'Task','End':true,'Resource':'arn:aws:states:us-east-1:000000000000:activity:a','Credentials':{'RoleArn':'r'}";
    expect(diagnose(withState(fields))).toBe(
      `${S} The field 'Credentials' is not supported for activities at /States/A/Credentials, on {`,
    );
  });
});
