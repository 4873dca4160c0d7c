import { describe, expect, it } from 'vitest';
import { diagnose, withState } from './test-bed.js';

const NOT_TYPE =
  "The field 'Type' should have one of these values: [Task, Wait, Pass, Succeed, Fail, Choice, Parallel, Map]";
const S = 'SCHEMA_VALIDATION_FAILED:';

describe('fields of a state', () => {
  // biome-ignore format: one line a case
  it.each([
    ['', `${S} These fields are required: [Type] at /States/A, on {`],
    ["'Type':'Foo'", `${S} ${NOT_TYPE} at /States/A/Type, on 'Foo'`],
    ["'Type':1", `${S} Expected value of type String at /States/A/Type, on 1`],
    ["'Type':'Pass','End':true,'Message.$':'$.a'", `${S} Field 'Message.$' is not supported at /States/A, on 'Message.$'`],
    ["'Type':'Pass','End':true,'TimeoutSeconds':5", `${S} Field 'TimeoutSeconds' is not supported at /States/A, on 'TimeoutSeconds'`],
    ["'Type':'Pass','End':true,'Catch':[]", `${S} Field 'Catch' is not supported at /States/A, on 'Catch'`],
    ["'Type':'Wait','Seconds':1,'End':true,'ResultPath':null", `${S} Field 'ResultPath' is not supported at /States/A, on 'ResultPath'`],
    ["'Type':'Fail','InputPath':'$'", `${S} Field 'InputPath' is not supported at /States/A, on 'InputPath'`],
    ["'Type':'Succeed','Next':'A'", `${S} Field 'Next' is not supported at /States/A, on 'Next'`],
    ["'Type':'Pass'", `${S} This object should have only one of the following fields: [Next, End] at /States/A, on {`],
    ["'Type':'Pass','End':false", `${S} This object should have only one of the following fields: [Next, End] at /States/A, on {`],
    ["'Type':'Pass','End':'true','Next':'A'", `${S} Expected value of type Boolean at /States/A/End, on 'true'`],
    ["'Type':'Pass','Next':'A','End':true", `${S} There should only be one of the following fields: [Next, End] at /States/A, on 'End'`],
    ["'Type':'Pass','End':true,'Comment':5", `${S} Expected value of type String at /States/A/Comment, on 5`],
    ["'Type':'Pass','End':true,'QueryLanguage':'X'", `${S} Value should be one of the following: [JSONPath, JSONata] at /States/A/QueryLanguage, on 'X'`],
    ["'Type':'Pass','End':true,'InputPath':'a'", `${S} Value must be a valid JSONPath. at /States/A/InputPath, on 'a'`],
    ["'Type':'Pass','End':true,'InputPath':null,'OutputPath':'$$.Execution'", 'fine'],
    ["'Type':'Pass','End':true,'ResultPath':'a'", `${S} Value must be a valid JSONPath. at /States/A/ResultPath, on 'a'`],
    ["'Type':'Pass','End':true,'ResultPath':'$.a[*]'", `${S} Value is not a Reference Path: Illegal use of '*' at /States/A/ResultPath, on '$.a[*]'`],
    ["'Type':'Pass','End':true,'ResultPath':'$x.a'", `${S} Value is not a Reference Path: Variables cannot be used here at /States/A/ResultPath, on '$x.a'`],
    ["'Type':'Pass','End':true,'ResultPath':null", 'fine'],
    ["'Type':'Pass','End':true,'Parameters':'$.a'", `${S} Expected value of type Object at /States/A/Parameters, on '$.a'`],
    ["'Type':'Pass','End':true,'Parameters':{'x':{'a.$':'b'}}", `${S} The value for the field 'a.$' must be a valid JSONPath or a valid intrinsic function call at /States/A/Parameters, on 'b'`],
    ["'Type':'Pass','End':true,'Parameters':{'a.$':5}", `${S} The value for the field 'a.$' must be a valid JSONPath or a valid intrinsic function call at /States/A/Parameters, on 5`],
    ["'Type':'Pass','End':true,'Parameters':{'a.$':'States.Nope($.a)'}", `${S} The value for the field 'a.$' must be a valid JSONPath or a valid intrinsic function call at /States/A/Parameters, on 'States.Nope($.a)'`],
    ["'Type':'Pass','End':true,'Parameters':{'a.$':'$.b','a':1}", `${S} There should only be one of the following fields: [a, a.$] at /States/A/Parameters, on 'a.$'`],
    ["'Type':'Pass','End':true,'Assign':{'states':1}", "RESERVED_VARIABLE_NAME: Cannot assign to reserved variable '$states'. at /States/A/Assign/states, on 'states'"],
    ["'Type':'Pass','End':true,'Assign':{'x.y':1}", "INVALID_VARIABLE_NAME: Invalid variable name 'x.y': the variable name contains invalid characters. at /States/A/Assign/x.y, on 'x.y'"],
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
  // biome-ignore format: one line a case
  it.each([
    ["'Type':'Wait','End':true", `${S} This object should have only one of the following fields: [SecondsPath, Seconds, TimestampPath, Timestamp] at /States/A, on {`],
    ["'Type':'Wait','End':true,'Seconds':1,'SecondsPath':'$.s'", `${S} There should only be one of the following fields: [SecondsPath, Seconds, TimestampPath, Timestamp] at /States/A, on 'Seconds'`],
    ["'Type':'Wait','End':true,'Seconds':-1", `${S} Minimum value is 0 at /States/A/Seconds, on -1`],
    ["'Type':'Wait','End':true,'Seconds':100000000", `${S} Maximum value is 99999999 at /States/A/Seconds, on 100000000`],
    ["'Type':'Wait','End':true,'Seconds':1.5", `${S} Expected value of type Integer at /States/A/Seconds, on 1.5`],
    ["'Type':'Wait','End':true,'Seconds':'5'", `${S} Expected value of type Integer at /States/A/Seconds, on '5'`],
    ["'Type':'Wait','End':true,'Timestamp':'2016-12-05 21:29:29Z'", `${S} String does not match RFC3339 timestamp at /States/A/Timestamp, on '2016-12-05 21:29:29Z'`],
    ["'Type':'Wait','End':true,'Timestamp':'2016-12-05T21:29:29'", `${S} String does not match RFC3339 timestamp at /States/A/Timestamp, on '2016-12-05T21:29:29'`],
    ["'Type':'Wait','End':true,'Timestamp':'2016-02-30T21:29:29Z'", `${S} String does not match RFC3339 timestamp at /States/A/Timestamp, on '2016-02-30T21:29:29Z'`],
    ["'Type':'Wait','End':true,'SecondsPath':'$.a[*]'", `${S} Value is not a Reference Path: Illegal use of '*' at /States/A/SecondsPath, on '$.a[*]'`],
    ["'Type':'Fail','Error':'E','ErrorPath':'$.e'", `${S} There should only be one of the following fields: [Error, ErrorPath] at /States/A, on 'ErrorPath'`],
    ["'Type':'Fail','CausePath':'x'", `${S} The value for the field 'CausePath' must be a valid JSONPath or a valid intrinsic function call at /States/A/CausePath, on 'x'`],
    ["'Type':'Fail','CausePath':'States.Format(`{}`, $.a)'", 'fine'],
    ["'Type':'Fail','Error':5", `${S} Expected value of type String at /States/A/Error, on 5`],
  ])('%s', (fields, diagnostics) => {
    expect(diagnose(withState(fields))).toBe(diagnostics);
  });
});

describe('what looks like an expression but is none', () => {
  // biome-ignore format: one line a case
  it.each([
    ["'Type':'Pass','End':true,'Parameters':{'a':'$.x'}", "WARNING NO_DOLLAR: The value of 'a' looks like a JSONPath. Instead of 'a', use 'a.$' to evaluate it as a JSONPath at runtime. at /States/A/Parameters, on '$.x'"],
    ["'Type':'Pass','End':true,'Parameters':{'a':'States.UUID()'}", "WARNING NO_DOLLAR: The value of 'a' looks like an Intrinsic Function. Instead of 'a', use 'a.$' to evaluate it as an Intrinsic Function at runtime. at /States/A/Parameters, on 'States.UUID()'"],
    ["'Type':'Pass','End':true,'Parameters':{'a':'$5'}", 'fine'],
    ["'Type':'Pass','End':true,'Result':{'c.$':'$.x'}", "WARNING PASS_RESULT_IS_STATIC: The value of 'c.$' will not evaluate as a JSONPath or Intrinsic Function at runtime. Instead of 'Result', use 'Parameters' to evaluate it as a JSONPath or Intrinsic Function at runtime. at /States/A/Result, on '$.x'"],
    ["'Type':'Fail','Error':'$.e'", "WARNING NO_PATH: The value of 'Error' looks like a JSONPath. Instead of 'Error', use 'ErrorPath' to evaluate it as a JSONPath at runtime. at /States/A/Error, on '$.e'"],
  ])('%s', (fields, diagnostics) => {
    expect(diagnose(withState(fields))).toBe(diagnostics);
  });
});
