import { describe, expect, it } from 'vitest';
import { explainDiagnostic } from './explain-diagnostic.js';
import { formatInvalidDefinition } from './invalid-definition.js';
import { parseDefinition } from './parse-definition.js';

const explain = (text: string): string =>
  parseDefinition(text, { type: 'STANDARD' })
    .diagnostics.map((diagnostic) => explainDiagnostic(diagnostic, text))
    .join('\n');

const quote = (snippet: string): string => snippet.replaceAll("'", '"');

describe('explanations for people', () => {
  // biome-ignore format: one line a case
  it.each([
    ["{'StartAt':'Pay','States':{'Pay':{'Type':'Pass','Next':'Shp'},'Ship':{'Type':'Succeed'}}}", "Expected 'Next' to name a state in this block, but there is no state 'Shp'. Did you mean 'Ship'? (/States/Pay/Next, line 1, column 56)\nExpected a state in this block to lead to 'Ship', but none does. Name it in a Next, Default or Catch, or remove it. (/States/Ship, line 1, column 70)"],
    ["{'StartAt':'Pay','States':{'Ship':{'Type':'Succeed'}}}", "Expected 'StartAt' to name a state in this block, but there is no state 'Pay'. Its states are 'Ship'. (/StartAt, line 1, column 12)"],
    ["{'StartAt':'A','States':{'A':{'Type':'Map','End':true,'ItemProcessor':{'StartAt':'B','States':{'B':{'Type':'Pass','Next':'A'}}}}}}", "Expected 'Next' to name a state in this block, but there is no state 'A'. Its states are 'B'. (/States/A/ItemProcessor/States/B/Next, line 1, column 122)"],
    ["{'StartAt':'A','States':{'A':{'Type':'Pass','End':true,'Paramters':{}}}}", "Expected only fields of the Amazon States Language, but 'Paramters' is not one in a Pass state. Did you mean 'Parameters'? (/States/A, line 1, column 56)"],
    ["{'StartAt':'A','States':{'A':{'Type':'Pass','End':true,'Colour':1}}}", "Expected only fields of the Amazon States Language, but 'Colour' is not one in a Pass state. Remove it, or write it into 'Comment'. (/States/A, line 1, column 56)"],
    ["{'StartsAt':'A','StartAt':'A','States':{'A':{'Type':'Succeed'}}}", "Expected only fields of the Amazon States Language, but 'StartsAt' is not one here. Did you mean 'StartAt'? (/, line 1, column 2)"],
    ["{'StartAt':'A','States':{'A':{'Type':'Tusk'}}}", "The field 'Type' should have one of these values: [Task, Wait, Pass, Succeed, Fail, Choice, Parallel, Map]. Did you mean 'Task'? (/States/A/Type, line 1, column 38)"],
    ["{'StartAt':'A','States':{'A':{'Type':'Pass','Next':'A'}}}", 'Expected a state that ends the state machine ("End": true, Succeed or Fail), but there is none.'],
    ["{'StartAt':'A','States':{'A':{'Type':'Wait','Seconds':-1,'End':true}}}", 'Minimum value is 0. (/States/A/Seconds, line 1, column 55)'],
    ['not a definition', "Expected JSON, but: Unrecognized token 'not': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false'). (line 1, column 4)"],
    ['', 'Definition must be a valid JSON object.'],
  ])('%s', (text, explanation) => {
    expect(explain(quote(text))).toBe(explanation);
  });

  it('without the text, nothing is suggested', () => {
    const text = quote("{'StartAt':'Shp','States':{'Ship':{'Type':'Succeed'}}}");
    const [diagnostic] = parseDefinition(text, { type: 'STANDARD' }).diagnostics;
    expect(diagnostic && explainDiagnostic(diagnostic)).toBe(
      "Expected 'StartAt' to name a state in this block, but there is no state 'Shp'. (/StartAt, line 1, column 12)",
    );
  });
});

describe('the answer of CreateStateMachine', () => {
  // biome-ignore format: one line a case
  it.each([
    ["{'StartAt':'A'}", "Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: These fields are required: [States] at /'"],
    ["{'StartAt':'A','States':{'A':{'Type':'Pass','Next':'A'}}}", "Invalid State Machine Definition: 'MISSING_END_STATE: Workflow has no terminal state at null'"],
    ["{'StartAt':'A','States':{'A':{'Type':'Pass','Next':'C'},'B':{'Type':'Pass','End':true,'Parameters':{'a':'$.b'}}}}", `Invalid State Machine Definition: 'MISSING_TRANSITION_TARGET: Missing 'Next' target: C at /States/A/Next, MISSING_TRANSITION_TARGET: State "B" is not reachable. at /States/B'`],
  ])('%s', (text, message) => {
    expect(formatInvalidDefinition(parseDefinition(quote(text), { type: 'STANDARD' }).diagnostics)).toBe(message);
  });
});
