import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDefinition } from './parse-definition.js';
import { diagnose, diagnoseWithPlaces, quote } from './parser/test-bed.js';

const NOT_TYPE =
  "The field 'Type' should have one of these values: [Task, Wait, Pass, Succeed, Fail, Choice, Parallel, Map]";
const S = 'SCHEMA_VALIDATION_FAILED:';

describe('a text that is no definition', () => {
  const source = (text: string, column: number, line = 1): string =>
    `[Source: (String)"${text}"; line: ${line}, column: ${column}]`;
  const json = (text: string, message: string, column: number, line = 1): [string, string] => {
    const at = source(text, column, line);
    return [text, `INVALID_JSON_DESCRIPTION: ${message}\n at ${at} at ${at} ${line}:${column}`];
  };
  const VALUES = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";
  // biome-ignore format: one line a case
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
    json('"\\', 'Unexpected end-of-input in character escape sequence', 3), // found by fuzzing
    json('"\\u00', 'Unexpected end-of-input in character escape sequence', 6),
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
  // biome-ignore format: one line a case
  it.each([
    ['{}', `${S} These fields are required: [States, StartAt] at / 1:1`],
    ["{'StartAt':'A'}", `${S} These fields are required: [States] at / 1:1`],
    ["{'States':{'A':{'Type':'Succeed'}}}", `${S} These fields are required: [StartAt] at / 1:1`],
    ["{'StartAt':'A','States':{}}", `${S} Value cannot be empty at /States 1:25\nMISSING_TRANSITION_TARGET: Missing 'Next' target: A at /StartAt 1:12`],
    ["{'StartAt':'A','States':[]}", `${S} Expected value of type Object at /States 1:25`],
    ["{'StartAt':1,'States':{'A':{'Type':'Succeed'}}}", `${S} Expected value of type String at /StartAt 1:12`],
    ["{'StartAt':'X','States':{'A':{'Type':'Succeed'}}}", "MISSING_TRANSITION_TARGET: Missing 'Next' target: X at /StartAt 1:12"],
    ["{'StartAt':'A','Foo':1,'States':{'A':{'Type':'Succeed'}}}", `${S} Field 'Foo' is not supported at / 1:16`],
    ["{'StartAt':'A','Version':'2.0','States':{'A':{'Type':'Succeed'}}}", `${S} Value should be one of the following: [1.0] at /Version 1:26`],
    ["{'StartAt':'A','TimeoutSeconds':-1,'States':{'A':{'Type':'Succeed'}}}", `${S} Minimum value is 0 at /TimeoutSeconds 1:33`],
    ["{'StartAt':'A','TimeoutSeconds':'1','States':{'A':{'Type':'Succeed'}}}", `${S} Expected value of type Integer at /TimeoutSeconds 1:33`],
    ["{'StartAt':'A','QueryLanguage':'SQL','States':{'A':{'Type':'Succeed'}}}", `${S} Value should be one of the following: [JSONPath, JSONata] at /QueryLanguage 1:32`],
    ["{'StartAt':'A','Comment':null,'States':{'A':{'Type':'Succeed'}}}", 'fine'],
    ["{'StartAt':'A','StartAt':'A','States':{'A':{'Type':'Succeed'}}}", "WARNING DUPLICATE_FIELD: The field 'StartAt' appears more than once. Only the last one counts at / 1:16"],
    ["{'StartAt':'A','States':{'A':1}}", `${S} Expected value of type Object at /States/A 1:30\nMISSING_TRANSITION_TARGET: Missing 'Next' target: A at /StartAt 1:12`],
    ["{'StartAt':'A','States':{'A':{'Type':'Succeed'},'A':{'Type':'Succeed'}}}", 'DUPLICATE_STATE_NAME: Duplicate State name: A at /States/A 1:49'],
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

describe('transitions', () => {
  const machine = (states: string): string => quote(`{'StartAt':'A','States':{${states}}}`);
  const loop = "'A':{'Type':'Pass','Next':'B'},'B':{'Type':'Pass','Next':'A'}";
  // biome-ignore format: one line a case
  it.each([
    [loop, 'MISSING_END_STATE: Workflow has no terminal state at null'],
    [`${loop},'Unused':{'Type':'Pass','Next':'A'}`, 'MISSING_END_STATE: Workflow has no terminal state at null'],
    [`${loop},'C':{'Type':'Pass','End':true}`, `MISSING_TRANSITION_TARGET: State "C" is not reachable. at /States/C, on {`],
    ["'A':{'Type':'Pass','Next':'NOPE'}", "MISSING_TRANSITION_TARGET: Missing 'Next' target: NOPE at /States/A/Next, on 'NOPE'\nMISSING_END_STATE: Workflow has no terminal state at null"],
    ["'A':{'Type':'Pass','Next':'C'},'B':{'Type':'Pass','End':true}", "MISSING_TRANSITION_TARGET: Missing 'Next' target: C at /States/A/Next, on 'C'\nMISSING_TRANSITION_TARGET: State \"B\" is not reachable. at /States/B, on {"],
    ["'A':{'Type':'Map','End':true,'ItemProcessor':{'StartAt':'C','States':{'C':{'Type':'Pass','Next':'D'},'D':{'Type':'Pass','Next':'C'}}}}", 'fine'],
    ["'A':{'Type':'Map','End':true,'ItemProcessor':{'StartAt':'W','States':{'W':{'Type':'Pass','End':true},'G':{'Type':'Pass','End':true}}}}", 'MISSING_TRANSITION_TARGET: State "G" is not reachable. at /States/A/ItemProcessor/States/G, on {'],
    // A state with a fault of its own: what would only follow from it is not reported.
    ["'A':{'Type':'Foo','Next':'B'},'B':{'Type':'Succeed'}", `${S} ${NOT_TYPE} at /States/A/Type, on 'Foo'`],
  ])('%s', (states, diagnostics) => {
    expect(diagnose(machine(states))).toBe(diagnostics);
  });
});

describe('JSONata and distributed Maps', () => {
  // biome-ignore format: one line a case
  it.each([
    ["{'QueryLanguage':'JSONata','StartAt':'A','States':{'A':{'Type':'Pass','Output':'{% 1 %}','End':true}}}", 'fine'],
    ["{'StartAt':'A','States':{'A':{'Type':'Pass','QueryLanguage':'JSONata','Assign':{'a':'{% 1 %}'},'End':true}}}", 'fine'],
    ["{'QueryLanguage':'JSONata','StartAt':'A','States':{'A':{'Type':'Pass','End':true,'QueryLanguage':'JSONPath'}}}", `${S} 'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine at /States/A, on 'QueryLanguage'`],
    ["{'QueryLanguage':'JSONata','StartAt':'A','States':{'A':{'Type':'Pass','End':true,'Parameters':{'a.$':'x'},'InputPath':'a'}}}", `${S} The QueryLanguage is set to 'JSONata', but field 'Parameters' is only supported for the 'JSONPath' QueryLanguage at /States/A, on 'Parameters'\n${S} The QueryLanguage is set to 'JSONata', but field 'InputPath' is only supported for the 'JSONPath' QueryLanguage at /States/A, on 'InputPath'`],
    ["{'QueryLanguage':'JSONata','StartAt':'A','States':{'A':{'Type':'Choice','Choices':[{'Variable':'$.a','IsNull':true,'Next':'B'}],'Default':'B'},'B':{'Type':'Succeed'}}}", `${S} The QueryLanguage is set to 'JSONata', but field 'Variable' is only supported for the 'JSONPath' QueryLanguage at /States/A/Choices[0], on 'Variable'`],
  ])('%s', (text, diagnostics) => {
    expect(diagnose(quote(text))).toBe(diagnostics);
  });
});

describe('whatever is thrown at it', () => {
  const STATES = ['Task', 'Wait', 'Pass', 'Fail', 'Choice', 'Parallel', 'Map'];
  const FIELDS = [
    'Next',
    'End',
    'Parameters',
    'Branches',
    'ItemProcessor',
    'Choices',
    'Retry',
    'Catch',
    'Assign',
    'Seconds',
  ];
  const value = fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.constantFrom('$.a', 'B', [{}], { 'a.$': 'States.UUID()' }));
  const state = fc
    .tuple(fc.constantFrom(...STATES), fc.dictionary(fc.constantFrom(...FIELDS), value))
    .map(([Type, fields]) => ({ Type, ...fields }));
  const states = fc.dictionary(fc.constantFrom('A', 'B', '__proto__', 'constructor', ''), fc.oneof(state, value));

  it('answers with a definition or an error, never throws', () => {
    const machine = fc.record({ StartAt: fc.oneof(fc.constant('A'), value), States: fc.oneof(states, value) });
    fc.assert(
      fc.property(machine, fc.nat(), fc.boolean(), (source, cut, isCut) => {
        const text = JSON.stringify(source);
        const { definition, diagnostics } = parseDefinition(isCut ? text.slice(0, cut % text.length) : text, {
          type: 'EXPRESS',
        });
        expect(definition === null).toBe(diagnostics.some(({ severity }) => severity === 'ERROR'));
      }),
      { numRuns: 500 },
    );
  });

  it('takes names that JavaScript’s objects know', () => {
    const text = quote(
      "{'StartAt':'__proto__','States':{'__proto__':{'Type':'Pass','Next':'constructor'},'constructor':{'Type':'Succeed'}}}",
    );
    expect(parseDefinition(text, { type: 'STANDARD' }).definition?.startAt).toMatchObject({ next: 'constructor' });
    expect(diagnose(quote("{'StartAt':'toString','States':{'A':{'Type':'Succeed'}}}"))).toBe(
      "MISSING_TRANSITION_TARGET: Missing 'Next' target: toString at /StartAt, on 'toString'",
    );
  });
});
