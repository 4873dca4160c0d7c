import { describe, expect, it } from 'vitest';
import type { Diagnostic } from './diagnostic.js';
import { parseDefinition } from './parse-definition.js';

const shown = ({ severity, code, message, location }: Diagnostic): string =>
  `${severity === 'WARNING' ? 'WARNING ' : ''}${code}: ${message} at ${location}`;

/** Every diagnostic with its line and column. */
const diagnoseWithPlaces = (text: string): string =>
  parseDefinition(text, { type: 'STANDARD' })
    .diagnostics.map((diagnostic) => `${shown(diagnostic)} ${diagnostic.line}:${diagnostic.column}`)
    .join('\n') || 'fine';

/** Every diagnostic with what stands at its place in the (one-line) text. */
const diagnose = (text: string, type: 'STANDARD' | 'EXPRESS' = 'STANDARD'): string =>
  parseDefinition(text, { type })
    .diagnostics.map((diagnostic) => `${shown(diagnostic)}${tokenAt(text, diagnostic.column)}`)
    .join('\n') || 'fine';

function tokenAt(text: string, column: number | null): string {
  if (column === null) return '';
  const token = /^(?:"[^"]*"|[{[]|[^,}\]]+)/.exec(text.slice(column - 1))?.[0] ?? '';
  return `, on ${token.replaceAll('"', "'")}`;
}

const quote = (snippet: string): string => snippet.replaceAll("'", '"').replaceAll('`', "'");
/** A machine whose only state is `A`, with single quotes for double and ` for single. */
const withState = (fields: string): string => quote(`{'StartAt':'A','States':{'A':{${fields}}}}`);
/** A machine of `A` and a Succeed state `B`. */
const withTwo = (fields: string): string => quote(`{'StartAt':'A','States':{'A':{${fields}},'B':{'Type':'Succeed'}}}`);
const task = (fields: string): string =>
  `'Type':'Task','Resource':'arn:aws:states:::lambda:invoke','End':true,${fields}`;
const map = (fields: string): string =>
  `'Type':'Map','End':true,'ItemProcessor':{'StartAt':'I','States':{'I':{'Type':'Pass','End':true}}},${fields}`;

const NOT_TYPE =
  "The field 'Type' should have one of these values: [Task, Wait, Pass, Succeed, Fail, Choice, Parallel, Map]";
const UNKNOWN =
  'is not recognized. The value is not a valid resource ARN, or the resource is not available in this region.';
const S = 'SCHEMA_VALIDATION_FAILED:';

describe('a text that is no definition', () => {
  const source = (text: string, column: number, line = 1): string =>
    `[Source: (String)"${text}"; line: ${line}, column: ${column}]`;
  const json = (text: string, message: string, column: number, line = 1): [string, string] => {
    const at = source(text, column, line);
    return [text, `INVALID_JSON_DESCRIPTION: ${message}\n at ${at} at ${at} ${line}:${column}`];
  };
  const VALUES = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";
  it.each([
    ['', `${S} Definition must be a valid JSON object at null null:null`],
    [' \n', `${S} Definition must be a valid JSON object at null null:null`],
    ['[]', `${S} Definition must be a valid JSON object at null 1:1`],
    ['"text"', `${S} Definition must be a valid JSON object at null 1:1`],
    json('not a definition', `Unrecognized token 'not': was expecting ${VALUES}`, 4),
    json("{'a':1}", "Unexpected character (''' (code 39)): was expecting double-quote to start field name", 3),
    json('{"a":1,}', "Unexpected character ('}' (code 125)): was expecting double-quote to start field name", 9),
    json('{"a" 1}', "Unexpected character ('1' (code 49)): was expecting a colon to separate field name and value", 7),
    json(
      '{"a":1\n"b":2}',
      `Unexpected character ('"' (code 34)): was expecting comma to separate Object entries`,
      2,
      2,
    ),
    json('{"a":}', `Unexpected character ('}' (code 125)): expected a valid value ${VALUES}`, 7),
    json('{"a":01}', 'Invalid numeric value: Leading zeroes not allowed', 7),
    json('{"a":"x', 'Unexpected end-of-input: was expecting closing quote for a string value', 8),
    json(
      '{"a":1',
      `Unexpected end-of-input: expected close marker for Object (start marker at ${source('{"a":1', 1)})`,
      7,
    ),
    json('{} x', "Unexpected character ('x' (code 120)): expected end of the definition", 5),
  ])('%j', (text, diagnostics) => {
    expect(diagnoseWithPlaces(text)).toBe(diagnostics);
  });

  it('deeper than we read', () => {
    expect(diagnoseWithPlaces('['.repeat(5000))).toContain(
      'Document nesting depth (1001) exceeds the maximum allowed (1000)',
    );
  });

  it('longer than AWS takes', () => {
    const text = `{"Comment":"${'x'.repeat(1_048_576)}"}`;
    expect(diagnoseWithPlaces(text)).toBe(
      `${S} Definition must have at most 1048576 characters, but has 1048590 at null null:null`,
    );
  });
});

describe('the machine itself', () => {
  it.each([
    ['{}', `${S} These fields are required: [States, StartAt] at / 1:1`],
    ["{'StartAt':'A'}", `${S} These fields are required: [States] at / 1:1`],
    ["{'States':{'A':{'Type':'Succeed'}}}", `${S} These fields are required: [StartAt] at / 1:1`],
    [
      "{'StartAt':'A','States':{}}",
      `${S} Value cannot be empty at /States 1:25\nMISSING_TRANSITION_TARGET: Missing 'Next' target: A at /StartAt 1:12`,
    ],
    ["{'StartAt':'A','States':[]}", `${S} Expected value of type Object at /States 1:25`],
    ["{'StartAt':1,'States':{'A':{'Type':'Succeed'}}}", `${S} Expected value of type String at /StartAt 1:12`],
    [
      "{'StartAt':'X','States':{'A':{'Type':'Succeed'}}}",
      "MISSING_TRANSITION_TARGET: Missing 'Next' target: X at /StartAt 1:12",
    ],
    ["{'StartAt':'A','Foo':1,'States':{'A':{'Type':'Succeed'}}}", `${S} Field 'Foo' is not supported at / 1:16`],
    [
      "{'StartAt':'A','Version':'2.0','States':{'A':{'Type':'Succeed'}}}",
      `${S} Value should be one of the following: [1.0] at /Version 1:26`,
    ],
    [
      "{'StartAt':'A','TimeoutSeconds':-1,'States':{'A':{'Type':'Succeed'}}}",
      `${S} Minimum value is 0 at /TimeoutSeconds 1:33`,
    ],
    [
      "{'StartAt':'A','TimeoutSeconds':'1','States':{'A':{'Type':'Succeed'}}}",
      `${S} Expected value of type Integer at /TimeoutSeconds 1:33`,
    ],
    [
      "{'StartAt':'A','QueryLanguage':'SQL','States':{'A':{'Type':'Succeed'}}}",
      `${S} Value should be one of the following: [JSONPath, JSONata] at /QueryLanguage 1:32`,
    ],
    ["{'StartAt':'A','Comment':null,'States':{'A':{'Type':'Succeed'}}}", 'fine'],
    [
      "{'StartAt':'A','StartAt':'A','States':{'A':{'Type':'Succeed'}}}",
      "WARNING DUPLICATE_FIELD: The field 'StartAt' appears more than once. Only the last one counts at / 1:16",
    ],
    [
      "{'StartAt':'A','States':{'A':1}}",
      `${S} Expected value of type Object at /States/A 1:30\nMISSING_TRANSITION_TARGET: Missing 'Next' target: A at /StartAt 1:12`,
    ],
    [
      "{'StartAt':'A','States':{'A':{'Type':'Succeed'},'A':{'Type':'Succeed'}}}",
      'DUPLICATE_STATE_NAME: Duplicate State name: A at /States/A 1:49',
    ],
  ])('%s', (text, diagnostics) => {
    expect(diagnoseWithPlaces(quote(text))).toBe(diagnostics);
  });

  it('says line and column in the text as written', () => {
    const text =
      '{\r\n  "StartAt": "A",\r\n  "States": {\r\n    "A": { "Type": "Pass", "Next": "Shp" },\n    "Ship": { "Type": "Succeed" }\n  }\n}';
    expect(diagnoseWithPlaces(text)).toBe(
      "MISSING_TRANSITION_TARGET: Missing 'Next' target: Shp at /States/A/Next 4:36\n" +
        'MISSING_TRANSITION_TARGET: State "Ship" is not reachable. at /States/Ship 5:13',
    );
  });
});

describe('fields of a state', () => {
  it.each([
    ['', `${S} These fields are required: [Type] at /States/A, on {`],
    ["'Type':'Foo'", `${S} ${NOT_TYPE} at /States/A/Type, on 'Foo'`],
    ["'Type':1", `${S} Expected value of type String at /States/A/Type, on 1`],
    [
      "'Type':'Pass','End':true,'Message.$':'$.a'",
      `${S} Field 'Message.$' is not supported at /States/A, on 'Message.$'`,
    ],
    [
      "'Type':'Pass','End':true,'TimeoutSeconds':5",
      `${S} Field 'TimeoutSeconds' is not supported at /States/A, on 'TimeoutSeconds'`,
    ],
    ["'Type':'Pass','End':true,'Catch':[]", `${S} Field 'Catch' is not supported at /States/A, on 'Catch'`],
    [
      "'Type':'Wait','Seconds':1,'End':true,'ResultPath':null",
      `${S} Field 'ResultPath' is not supported at /States/A, on 'ResultPath'`,
    ],
    ["'Type':'Fail','InputPath':'$'", `${S} Field 'InputPath' is not supported at /States/A, on 'InputPath'`],
    ["'Type':'Succeed','Next':'A'", `${S} Field 'Next' is not supported at /States/A, on 'Next'`],
    ["'Type':'Pass'", `${S} This object should have only one of the following fields: [Next, End] at /States/A, on {`],
    [
      "'Type':'Pass','End':false",
      `${S} This object should have only one of the following fields: [Next, End] at /States/A, on {`,
    ],
    ["'Type':'Pass','End':'true','Next':'A'", `${S} Expected value of type Boolean at /States/A/End, on 'true'`],
    [
      "'Type':'Pass','Next':'A','End':true",
      `${S} There should only be one of the following fields: [Next, End] at /States/A, on 'End'`,
    ],
    ["'Type':'Pass','End':true,'Comment':5", `${S} Expected value of type String at /States/A/Comment, on 5`],
    [
      "'Type':'Pass','End':true,'QueryLanguage':'X'",
      `${S} Value should be one of the following: [JSONPath, JSONata] at /States/A/QueryLanguage, on 'X'`,
    ],
    ["'Type':'Pass','End':true,'InputPath':'a'", `${S} Value must be a valid JSONPath. at /States/A/InputPath, on 'a'`],
    ["'Type':'Pass','End':true,'InputPath':null,'OutputPath':'$$.Execution'", 'fine'],
    [
      "'Type':'Pass','End':true,'ResultPath':'a'",
      `${S} Value must be a valid JSONPath. at /States/A/ResultPath, on 'a'`,
    ],
    [
      "'Type':'Pass','End':true,'ResultPath':'$.a[*]'",
      `${S} Value is not a Reference Path: Illegal use of '*' at /States/A/ResultPath, on '$.a[*]'`,
    ],
    [
      "'Type':'Pass','End':true,'ResultPath':'$x.a'",
      `${S} Value is not a Reference Path: Variables cannot be used here at /States/A/ResultPath, on '$x.a'`,
    ],
    ["'Type':'Pass','End':true,'ResultPath':null", 'fine'],
    [
      "'Type':'Pass','End':true,'Parameters':'$.a'",
      `${S} Expected value of type Object at /States/A/Parameters, on '$.a'`,
    ],
    [
      "'Type':'Pass','End':true,'Parameters':{'x':{'a.$':'b'}}",
      `${S} The value for the field 'a.$' must be a valid JSONPath or a valid intrinsic function call at /States/A/Parameters, on 'b'`,
    ],
    [
      "'Type':'Pass','End':true,'Parameters':{'a.$':5}",
      `${S} The value for the field 'a.$' must be a valid JSONPath or a valid intrinsic function call at /States/A/Parameters, on 5`,
    ],
    [
      "'Type':'Pass','End':true,'Parameters':{'a.$':'States.Nope($.a)'}",
      `${S} The value for the field 'a.$' must be a valid JSONPath or a valid intrinsic function call at /States/A/Parameters, on 'States.Nope($.a)'`,
    ],
    [
      "'Type':'Pass','End':true,'Parameters':{'a.$':'$.b','a':1}",
      `${S} There should only be one of the following fields: [a, a.$] at /States/A/Parameters, on 'a.$'`,
    ],
    [
      "'Type':'Pass','End':true,'Assign':{'states':1}",
      "RESERVED_VARIABLE_NAME: Cannot assign to reserved variable '$states'. at /States/A/Assign/states, on 'states'",
    ],
    [
      "'Type':'Pass','End':true,'Assign':{'x.y':1}",
      "INVALID_VARIABLE_NAME: Invalid variable name 'x.y': the variable name contains invalid characters. at /States/A/Assign/x.y, on 'x.y'",
    ],
    ["'Type':'Pass','End':true,'Assign':{'größe.$':'$.a'}", 'fine'],
  ])('%s', (fields, diagnostics) => {
    expect(diagnose(withState(fields))).toBe(diagnostics);
  });

  it('an empty or long name', () => {
    const long = 'n'.repeat(81);
    expect(diagnose(`{"StartAt":"","States":{"":{"Type":"Succeed"}}}`)).toBe(
      'INVALID_STATE_NAME: Invalid State name: the name is empty at /States/, on {',
    );
    expect(diagnose(`{"StartAt":"${long}","States":{"${long}":{"Type":"Succeed"}}}`)).toBe(
      `INVALID_STATE_NAME: Invalid State name: ${long} exceeds the 80-character limit allowed by the service at /States/${long}, on {`,
    );
  });

  it('a variable with a long name', () => {
    const name = 'v'.repeat(81);
    expect(diagnose(withState(`'Type':'Pass','End':true,'Assign':{'${name}':1}`))).toContain(
      `INVALID_VARIABLE_NAME: Invalid variable name '${name}': the variable name exceeds the 80-character limit.`,
    );
  });
});

describe('Wait and Fail', () => {
  it.each([
    [
      "'Type':'Wait','End':true",
      `${S} This object should have only one of the following fields: [SecondsPath, Seconds, TimestampPath, Timestamp] at /States/A, on {`,
    ],
    [
      "'Type':'Wait','End':true,'Seconds':1,'SecondsPath':'$.s'",
      `${S} There should only be one of the following fields: [SecondsPath, Seconds, TimestampPath, Timestamp] at /States/A, on 'Seconds'`,
    ],
    ["'Type':'Wait','End':true,'Seconds':-1", `${S} Minimum value is 0 at /States/A/Seconds, on -1`],
    [
      "'Type':'Wait','End':true,'Seconds':100000000",
      `${S} Maximum value is 99999999 at /States/A/Seconds, on 100000000`,
    ],
    ["'Type':'Wait','End':true,'Seconds':1.5", `${S} Expected value of type Integer at /States/A/Seconds, on 1.5`],
    ["'Type':'Wait','End':true,'Seconds':'5'", `${S} Expected value of type Integer at /States/A/Seconds, on '5'`],
    [
      "'Type':'Wait','End':true,'Timestamp':'2016-12-05 21:29:29Z'",
      `${S} String does not match RFC3339 timestamp at /States/A/Timestamp, on '2016-12-05 21:29:29Z'`,
    ],
    [
      "'Type':'Wait','End':true,'Timestamp':'2016-12-05T21:29:29'",
      `${S} String does not match RFC3339 timestamp at /States/A/Timestamp, on '2016-12-05T21:29:29'`,
    ],
    [
      "'Type':'Wait','End':true,'Timestamp':'2016-02-30T21:29:29Z'",
      `${S} String does not match RFC3339 timestamp at /States/A/Timestamp, on '2016-02-30T21:29:29Z'`,
    ],
    [
      "'Type':'Wait','End':true,'SecondsPath':'$.a[*]'",
      `${S} Value is not a Reference Path: Illegal use of '*' at /States/A/SecondsPath, on '$.a[*]'`,
    ],
    [
      "'Type':'Fail','Error':'E','ErrorPath':'$.e'",
      `${S} There should only be one of the following fields: [Error, ErrorPath] at /States/A, on 'ErrorPath'`,
    ],
    [
      "'Type':'Fail','CausePath':'x'",
      `${S} The value for the field 'CausePath' must be a valid JSONPath or a valid intrinsic function call at /States/A/CausePath, on 'x'`,
    ],
    ["'Type':'Fail','CausePath':'States.Format(`{}`, $.a)'", 'fine'],
    ["'Type':'Fail','Error':5", `${S} Expected value of type String at /States/A/Error, on 5`],
  ])('%s', (fields, diagnostics) => {
    expect(diagnose(withState(fields))).toBe(diagnostics);
  });
});

describe('Task', () => {
  const resource = (arn: string): string => `'Type':'Task','End':true,'Resource':'${arn}'`;
  it.each([
    ["'Type':'Task','End':true", `${S} These fields are required: [Resource] at /States/A, on {`],
    [resource('my-function'), `${S} Value is not a valid resource ARN at /States/A/Resource, on 'my-function'`],
    [
      resource('arn:aws:states:::dynamodb:query'),
      `${S} The resource provided arn:aws:states:::dynamodb:query ${UNKNOWN} at /States/A/Resource, on 'arn:aws:states:::dynamodb:query'`,
    ],
    [resource('arn:aws:lambda:your-region:your-account-id:function:f'), 'fine'],
    [task("'TimeoutSeconds':0"), `${S} Minimum value is 1 at /States/A/TimeoutSeconds, on 0`],
    [
      task("'TimeoutSeconds':5,'TimeoutSecondsPath':'$.t'"),
      `${S} There should only be one of the following fields: [TimeoutSeconds, TimeoutSecondsPath] at /States/A, on 'TimeoutSecondsPath'`,
    ],
    [
      task("'TimeoutSeconds':5,'HeartbeatSeconds':5"),
      `${S} 'HeartbeatSeconds' must be smaller than 'TimeoutSeconds' at /States/A/HeartbeatSeconds, on 5`,
    ],
    [task("'Credentials':{}"), `${S} The field 'RoleArn' is required but was missing at /States/A/Credentials, on {`],
    [
      task("'Credentials':{'RoleArn.$':'$.r','X':1}"),
      `${S} Field 'X' is not supported at /States/A/Credentials, on 'X'`,
    ],
    [task("'Retry':{}"), `${S} Expected value of type Array at /States/A/Retry, on {`],
    [task("'Retry':[1]"), `${S} Expected value of type Object at /States/A/Retry[0], on 1`],
    [task("'Retry':[{}]"), `${S} These fields are required: [ErrorEquals] at /States/A/Retry[0], on {`],
    [task("'Retry':[{'ErrorEquals':[]}]"), `${S} Value cannot be empty at /States/A/Retry[0]/ErrorEquals, on [`],
    [
      task("'Retry':[{'ErrorEquals':[1]}]"),
      `${S} Expected value of type String at /States/A/Retry[0]/ErrorEquals[0], on 1`,
    ],
    [
      task("'Retry':[{'ErrorEquals':['States.ALL','E']}]"),
      `${S} States.ALL must appear alone and at end of list at /States/A/Retry[0]/ErrorEquals, on [`,
    ],
    [
      task("'Retry':[{'ErrorEquals':['States.ALL']},{'ErrorEquals':['E']}]"),
      `${S} States.ALL must appear alone and at end of list at /States/A/Retry[0]/ErrorEquals, on [`,
    ],
    [task("'Retry':[{'ErrorEquals':['E'],'IntervalSeconds':0,'MaxAttempts':0,'BackoffRate':1.5}]"), 'fine'],
    [
      task("'Retry':[{'ErrorEquals':['E'],'BackoffRate':0.5}]"),
      `${S} Minimum value is 1 at /States/A/Retry[0]/BackoffRate, on 0.5`,
    ],
    [
      task("'Retry':[{'ErrorEquals':['E'],'MaxDelaySeconds':31622401}]"),
      `${S} Maximum value is 31622400 at /States/A/Retry[0]/MaxDelaySeconds, on 31622401`,
    ],
    [
      task("'Retry':[{'ErrorEquals':['E'],'JitterStrategy':'SOME'}]"),
      `${S} Value should be one of the following: [NONE, FULL] at /States/A/Retry[0]/JitterStrategy, on 'SOME'`,
    ],
    [task("'Catch':[{'Next':'A'}]"), `${S} These fields are required: [ErrorEquals] at /States/A/Catch[0], on {`],
    [task("'Catch':[{}]"), `${S} These fields are required: [ErrorEquals, Next] at /States/A/Catch[0], on {`],
    [
      task("'Catch':[{'ErrorEquals':['E'],'Next':'A','_comment':1}]"),
      `${S} Field '_comment' is not supported at /States/A/Catch[0], on '_comment'`,
    ],
    [
      task("'Catch':[{'ErrorEquals':['E'],'Next':'Ghost'}]"),
      "MISSING_TRANSITION_TARGET: Missing 'Next' target: Ghost at /States/A/Catch[0]/Next, on 'Ghost'",
    ],
    [
      task("'Catch':[{'ErrorEquals':['E'],'Next':'A','Output':'{% 1 %}'}]"),
      `${S} The QueryLanguage is set to 'JSONPath', but field 'Output' is only supported for the 'JSONata' QueryLanguage at /States/A/Catch[0], on 'Output'`,
    ],
    [
      task("'Arguments':{}"),
      `${S} The QueryLanguage is set to 'JSONPath', but field 'Arguments' is only supported for the 'JSONata' QueryLanguage at /States/A, on 'Arguments'`,
    ],
  ])('%s', (fields, diagnostics) => {
    expect(diagnose(withState(fields))).toBe(diagnostics);
  });

  it.each([
    [
      'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
      `${S} Express state machine does not support '.waitForTaskToken' service integration  at /States/A/Resource, on 'arn:aws:states:::sqs:sendMessage.waitForTaskToken'`,
    ],
    [
      'arn:aws:states:::states:startExecution.sync',
      `${S} Express state machine does not support '.sync' service integration at /States/A/Resource, on 'arn:aws:states:::states:startExecution.sync'`,
    ],
    [
      'arn:aws:states:us-east-1:000000000000:activity:a',
      `${S} Express state machine does not support Activity ARN at /States/A/Resource, on 'arn:aws:states:us-east-1:000000000000:activity:a'`,
    ],
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

describe('Choice', () => {
  const choice = (rule: string): string => `'Type':'Choice','Choices':[${rule}],'Default':'B'`;
  it.each([
    ["'Type':'Choice','Default':'B'", `${S} These fields are required: [Choices] at /States/A, on {`],
    [choice(''), `${S} Value cannot be empty at /States/A/Choices, on [`],
    [
      choice("{'Variable':'$.a','IsPresent':true}"),
      `${S} These fields are required: [Next] at /States/A/Choices[0], on {`,
    ],
    [
      choice("{'Variable':'$.a','IsPresent':true,'Next':'Ghost'}"),
      "MISSING_TRANSITION_TARGET: Missing 'Next' target: Ghost at /States/A/Choices[0]/Next, on 'Ghost'",
    ],
    [
      choice("{'Next':'B'}"),
      `${S} The object must have only one of the following fields, [And, Or, Not, Variable, Condition] at /States/A/Choices[0], on {`,
    ],
    [
      choice("{'Condition':'{% true %}','Next':'B'}"),
      `${S} The QueryLanguage is set to 'JSONPath', but field 'Condition' is only supported for the 'JSONata' QueryLanguage at /States/A/Choices[0], on 'Condition'`,
    ],
    [
      choice("{'Variable':'a','IsPresent':true,'Next':'B'}"),
      `${S} Value is not a Reference Path: Reference path didn't start with '$' at /States/A/Choices[0]/Variable, on 'a'`,
    ],
    [
      choice("{'Variable':'$.a','StringEquals':5,'Next':'B'}"),
      `${S} Expected value of type String at /States/A/Choices[0]/StringEquals, on 5`,
    ],
    [
      choice("{'Variable':'$.a','NumericEquals':'5','Next':'B'}"),
      `${S} Expected value of type Number at /States/A/Choices[0]/NumericEquals, on '5'`,
    ],
    [
      choice("{'Variable':'$.a','IsNull':'x','Next':'B'}"),
      `${S} Expected value of type Boolean at /States/A/Choices[0]/IsNull, on 'x'`,
    ],
    [
      choice("{'Variable':'$.a','TimestampEquals':'x','Next':'B'}"),
      `${S} String does not match RFC3339 timestamp at /States/A/Choices[0]/TimestampEquals, on 'x'`,
    ],
    [
      choice("{'Variable':'$.a','StringEqualsPath':'b','Next':'B'}"),
      `${S} Value is not a Reference Path: Reference path didn't start with '$' at /States/A/Choices[0]/StringEqualsPath, on 'b'`,
    ],
    [
      choice("{'Variable':'$.a','StringIs':'b','Next':'B'}"),
      /^SCHEMA_VALIDATION_FAILED: Field 'StringIs' is not supported at \/States\/A\/Choices\[0\], on 'StringIs'\n.*This object should have only one/,
    ],
    [
      choice("{'Variable':'$.a','IsNull':true,'IsString':true,'Next':'B'}"),
      /There should only be one of the following fields: \[StringEquals, .*\] at \/States\/A\/Choices\[0\]/,
    ],
    [choice("{'And':[],'Next':'B'}"), `${S} Value cannot be empty at /States/A/Choices[0]/And, on [`],
    [choice("{'Not':[],'Next':'B'}"), `${S} Expected value of type Object at /States/A/Choices[0]/Not, on [`],
    [
      choice("{'And':[{'Variable':'$.a','IsNull':true,'Next':'B'}],'Next':'B'}"),
      `${S} Field 'Next' is not supported at /States/A/Choices[0]/And[0], on 'Next'`,
    ],
    [
      choice("{'Or':[{'Not':{'Variable':'a','IsNull':true}}],'Next':'B'}"),
      `${S} Value is not a Reference Path: Reference path didn't start with '$' at /States/A/Choices[0]/Or[0]/Not/Variable, on 'a'`,
    ],
    [choice("{'Variable':'$.a','StringMatches':'x*','Next':'B','Assign':{'v.$':'$.a'},'Comment':'c'}"), 'fine'],
    [
      "'Type':'Choice','Choices':[{'Variable':'$.a','IsNull':true,'Next':'B'}],'Default':'Ghost'",
      "MISSING_TRANSITION_TARGET: Missing 'Next' target: Ghost at /States/A/Default, on 'Ghost'",
    ],
  ])('%s', (fields, diagnostics) => {
    if (typeof diagnostics === 'string') expect(diagnose(withTwo(fields))).toBe(diagnostics);
    else expect(diagnose(withTwo(fields))).toMatch(diagnostics);
  });
});

describe('Parallel and Map', () => {
  const branch = "{'StartAt':'P','States':{'P':{'Type':'Pass','End':true}}}";
  it.each([
    ["'Type':'Parallel','End':true", `${S} These fields are required: [Branches] at /States/A, on {`],
    ["'Type':'Parallel','End':true,'Branches':[]", `${S} Value cannot be empty at /States/A/Branches, on [`],
    [
      "'Type':'Parallel','End':true,'Branches':[{}]",
      `${S} These fields are required: [States, StartAt] at /States/A/Branches[0], on {`,
    ],
    [
      `'Type':'Parallel','End':true,'Branches':[${branch},${branch}]`,
      'DUPLICATE_STATE_NAME: Duplicate State name: P at /States/A/Branches[1]/States/P, on {',
    ],
    [
      "'Type':'Parallel','End':true,'Branches':[{'StartAt':'P','States':{'P':{'Type':'Pass','Next':'A'}}}]",
      "MISSING_TRANSITION_TARGET: Missing 'Next' target: A at /States/A/Branches[0]/States/P/Next, on 'A'",
    ],
    [
      "'Type':'Parallel','End':true,'Branches':[{'StartAt':'P','QueryLanguage':'JSONata','States':{'P':{'Type':'Pass','End':true}}}]",
      `${S} Field 'QueryLanguage' is not supported at /States/A/Branches[0], on 'QueryLanguage'`,
    ],
    [
      "'Type':'Map','End':true",
      `${S} This object should have only one of the following fields: [ItemProcessor, Iterator] at /States/A, on {`,
    ],
    [
      map(`'Iterator':${branch}`),
      `${S} There should only be one of the following fields: [ItemProcessor, Iterator] at /States/A, on 'Iterator'`,
    ],
    [`'Type':'Map','End':true,'Iterator':${branch},'Parameters':{'a':1}`, 'fine'],
    [
      map("'ItemSelector':{},'Parameters':{}"),
      `${S} There should only be one of the following fields: [ItemSelector, Parameters] at /States/A, on 'Parameters'`,
    ],
    [map("'MaxConcurrency':-1"), `${S} Minimum value is 0 at /States/A/MaxConcurrency, on -1`],
    [map("'MaxConcurrency':9223372036854775807"), 'fine'],
    [
      map("'MaxConcurrency':1,'MaxConcurrencyPath':'$.m'"),
      `${S} There should only be one of the following fields: [MaxConcurrency, MaxConcurrencyPath] at /States/A, on 'MaxConcurrencyPath'`,
    ],
    [
      map("'MaxConcurrencyPath':'$.m[*]'"),
      `${S} Value is not a Reference Path: Illegal use of '*' at /States/A/MaxConcurrencyPath, on '$.m[*]'`,
    ],
    [
      map("'ToleratedFailurePercentage':101"),
      `${S} Maximum value is 100 at /States/A/ToleratedFailurePercentage, on 101`,
    ],
    [
      map("'ToleratedFailurePercentage':'1'"),
      `${S} Expected value of type Integer at /States/A/ToleratedFailurePercentage, on '1'`,
    ],
    [map("'Label':'a b'"), `INVALID_LABEL_NAME: Invalid Label name: a b at /States/A/Label, on 'a b'`],
    [map("'TimeoutSeconds':5"), `${S} Field 'TimeoutSeconds' is not supported at /States/A, on 'TimeoutSeconds'`],
    [
      "'Type':'Map','End':true,'ItemProcessor':{'ProcessorConfig':{'Mode':'INLINE','ExecutionType':'STANDARD'},'StartAt':'P','States':{'P':{'Type':'Succeed'}}}",
      `${S} Field 'ExecutionType' is not supported at /States/A/ItemProcessor/ProcessorConfig, on 'ExecutionType'`,
    ],
    [
      "'Type':'Map','End':true,'ItemProcessor':{'ProcessorConfig':{'Mode':'DISTRIBUTED'},'StartAt':'P','States':{'P':{'Type':'Succeed'}}}",
      `${S} These fields are required: [ExecutionType] at /States/A/ItemProcessor/ProcessorConfig, on {`,
    ],
  ])('%s', (fields, diagnostics) => {
    expect(diagnose(withState(fields))).toBe(diagnostics);
  });

  it('a distributed Map in an Express machine', () => {
    const fields =
      "'Type':'Map','End':true,'ItemProcessor':{'ProcessorConfig':{'Mode':'DISTRIBUTED','ExecutionType':'EXPRESS'},'StartAt':'P','States':{'P':{'Type':'Succeed'}}}";
    expect(diagnose(withState(fields), 'EXPRESS')).toBe(
      `${S} The field 'Mode' with value 'DISTRIBUTED' is not supported inside 'EXPRESS' state machines at /States/A/ItemProcessor/ProcessorConfig/Mode, on 'DISTRIBUTED'`,
    );
  });

  it('labels are unique in the machine', () => {
    const inner = `{${map("'Label':'L'")}}`.replaceAll("'I'", "'J'");
    const fields = `'Type':'Map','End':true,'Label':'L','ItemProcessor':{'StartAt':'M','States':{'M':${inner}}}`;
    expect(diagnose(withState(fields))).toContain(
      'DUPLICATE_LABEL_NAME: Duplicate Label name: L at /States/A/ItemProcessor/States/M/Label',
    );
  });

  it('nesting has a bound', () => {
    let block = "{'StartAt':'P0','States':{'P0':{'Type':'Succeed'}}}";
    for (let depth = 1; depth <= 70; depth++) {
      block = `{'StartAt':'P${depth}','States':{'P${depth}':{'Type':'Parallel','End':true,'Branches':[${block}]}}}`;
    }
    expect(diagnose(quote(block))).toMatch(/^TOO_DEEPLY_NESTED: The states are nested more than 64 levels deep/);
  });
});

describe('transitions', () => {
  const machine = (states: string): string => quote(`{'StartAt':'A','States':{${states}}}`);
  const loop = "'A':{'Type':'Pass','Next':'B'},'B':{'Type':'Pass','Next':'A'}";
  it.each([
    [loop, 'MISSING_END_STATE: Workflow has no terminal state at null'],
    [`${loop},'Unused':{'Type':'Pass','Next':'A'}`, 'MISSING_END_STATE: Workflow has no terminal state at null'],
    [
      `${loop},'C':{'Type':'Pass','End':true}`,
      `MISSING_TRANSITION_TARGET: State "C" is not reachable. at /States/C, on {`,
    ],
    [
      "'A':{'Type':'Pass','Next':'NOPE'}",
      "MISSING_TRANSITION_TARGET: Missing 'Next' target: NOPE at /States/A/Next, on 'NOPE'\nMISSING_END_STATE: Workflow has no terminal state at null",
    ],
    [
      "'A':{'Type':'Pass','Next':'C'},'B':{'Type':'Pass','End':true}",
      "MISSING_TRANSITION_TARGET: Missing 'Next' target: C at /States/A/Next, on 'C'\nMISSING_TRANSITION_TARGET: State \"B\" is not reachable. at /States/B, on {",
    ],
    [
      "'A':{'Type':'Map','End':true,'ItemProcessor':{'StartAt':'C','States':{'C':{'Type':'Pass','Next':'D'},'D':{'Type':'Pass','Next':'C'}}}}",
      'fine',
    ],
    [
      "'A':{'Type':'Map','End':true,'ItemProcessor':{'StartAt':'W','States':{'W':{'Type':'Pass','End':true},'G':{'Type':'Pass','End':true}}}}",
      'MISSING_TRANSITION_TARGET: State "G" is not reachable. at /States/A/ItemProcessor/States/G, on {',
    ],
    // A state with a fault of its own: what would only follow from it is not reported.
    ["'A':{'Type':'Foo','Next':'B'},'B':{'Type':'Succeed'}", `${S} ${NOT_TYPE} at /States/A/Type, on 'Foo'`],
  ])('%s', (states, diagnostics) => {
    expect(diagnose(machine(states))).toBe(diagnostics);
  });
});

describe('what looks like an expression but is none', () => {
  it.each([
    [
      "'Type':'Pass','End':true,'Parameters':{'a':'$.x'}",
      "WARNING NO_DOLLAR: The value of 'a' looks like a JSONPath. Instead of 'a', use 'a.$' to evaluate it as a JSONPath at runtime. at /States/A/Parameters, on '$.x'",
    ],
    [
      "'Type':'Pass','End':true,'Parameters':{'a':'States.UUID()'}",
      "WARNING NO_DOLLAR: The value of 'a' looks like an Intrinsic Function. Instead of 'a', use 'a.$' to evaluate it as an Intrinsic Function at runtime. at /States/A/Parameters, on 'States.UUID()'",
    ],
    ["'Type':'Pass','End':true,'Parameters':{'a':'$5'}", 'fine'],
    [
      "'Type':'Pass','End':true,'Result':{'c.$':'$.x'}",
      "WARNING PASS_RESULT_IS_STATIC: The value of 'c.$' will not evaluate as a JSONPath or Intrinsic Function at runtime. Instead of 'Result', use 'Parameters' to evaluate it as a JSONPath or Intrinsic Function at runtime. at /States/A/Result, on '$.x'",
    ],
    [
      "'Type':'Fail','Error':'$.e'",
      "WARNING NO_PATH: The value of 'Error' looks like a JSONPath. Instead of 'Error', use 'ErrorPath' to evaluate it as a JSONPath at runtime. at /States/A/Error, on '$.e'",
    ],
  ])('%s', (fields, diagnostics) => {
    expect(diagnose(withState(fields))).toBe(diagnostics);
  });
});

describe('JSONata and distributed Maps', () => {
  const CURE =
    'Write the states in JSONPath (Parameters, ResultSelector, ResultPath, Assign), or run this state machine on AWS.';
  it.each([
    [
      "{'QueryLanguage':'JSONata','StartAt':'A','States':{'A':{'Type':'Pass','Output':'{% 1 %}','End':true}}}",
      `UNSUPPORTED_BY_TREADLE: QueryLanguage JSONata is not available in Treadle yet. ${CURE} at /States/A/QueryLanguage, on {`,
    ],
    [
      "{'StartAt':'A','States':{'A':{'Type':'Pass','QueryLanguage':'JSONata','Assign':{'a':'{% 1 %}'},'End':true}}}",
      `UNSUPPORTED_BY_TREADLE: QueryLanguage JSONata is not available in Treadle yet. ${CURE} at /States/A/QueryLanguage, on 'JSONata'`,
    ],
    [
      "{'QueryLanguage':'JSONata','StartAt':'A','States':{'A':{'Type':'Pass','End':true,'QueryLanguage':'JSONPath'}}}",
      `${S} 'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine at /States/A, on 'QueryLanguage'`,
    ],
    [
      "{'QueryLanguage':'JSONata','StartAt':'A','States':{'A':{'Type':'Pass','End':true,'Parameters':{'a.$':'x'},'InputPath':'a'}}}",
      `${S} The QueryLanguage is set to 'JSONata', but field 'Parameters' is only supported for the 'JSONPath' QueryLanguage at /States/A, on 'Parameters'\n${S} The QueryLanguage is set to 'JSONata', but field 'InputPath' is only supported for the 'JSONPath' QueryLanguage at /States/A, on 'InputPath'`,
    ],
    [
      "{'QueryLanguage':'JSONata','StartAt':'A','States':{'A':{'Type':'Choice','Choices':[{'Variable':'$.a','IsNull':true,'Next':'B'}],'Default':'B'},'B':{'Type':'Succeed'}}}",
      `${S} The QueryLanguage is set to 'JSONata', but field 'Variable' is only supported for the 'JSONPath' QueryLanguage at /States/A/Choices[0], on 'Variable'`,
    ],
  ])('%s', (text, diagnostics) => {
    expect(diagnose(quote(text))).toBe(diagnostics);
  });

  it('is one error for each thing, not for each state', () => {
    const processor = (name: string): string =>
      `'ItemProcessor':{'ProcessorConfig':{'Mode':'DISTRIBUTED','ExecutionType':'STANDARD'},'StartAt':'${name}','States':{'${name}':{'Type':'Succeed'}}}`;
    const text = quote(
      `{'StartAt':'A','States':{'A':{'Type':'Map',${processor('X')},'Next':'B'},'B':{'Type':'Map','ItemReader':{},${processor('Y')},'End':true}}}`,
    );
    expect(
      parseDefinition(text, { type: 'STANDARD' }).diagnostics.map(({ message, location }) => [
        message.split('.')[0],
        location,
      ]),
    ).toEqual([
      ['Mode DISTRIBUTED is not available in Treadle yet', '/States/A/ItemProcessor/ProcessorConfig/Mode'],
      ['ItemReader is not available in Treadle yet', '/States/B/ItemReader'],
    ]);
  });
});
