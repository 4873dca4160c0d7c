import { describe, expect, it } from 'vitest';
import { parseDefinition } from '../language/index.js';
import { TEST_IDENTITY, Transcript } from '../testing/transcript.js';
import { explain } from './index.js';

const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:f';
const task = (more: object = {}) => ({ Type: 'Task', Resource: FUNCTION, End: true, ...more });

function sentenceOf(
  states: Record<string, unknown>,
  drive: (transcript: Transcript) => void,
  extra: object = {},
): string {
  const text = JSON.stringify({ StartAt: Object.keys(states)[0], States: states, ...extra });
  const { definition, diagnostics } = parseDefinition(text, { type: 'STANDARD' });
  if (definition === null) throw new Error(JSON.stringify(diagnostics));
  const transcript = new Transcript(definition);
  drive(transcript);
  return explain(definition, TEST_IDENTITY, transcript.records).sentence;
}

const choice = {
  Type: 'Choice',
  Choices: [{ Variable: '$.quantityInStock', NumericGreaterThan: 0, Next: 'Ok' }],
  Default: 'None',
};

describe('why an execution ended', () => {
  it('names the function’s error and message', () => {
    const cause = JSON.stringify({ errorType: 'Declined', errorMessage: 'no funds' });
    expect(sentenceOf({ Pay: task() }, (t) => t.start().fail(3, 'Declined', cause))).toBe(
      "It failed with Declined: state 'Pay' failed with Declined (no funds).",
    );
  });

  it('names the Choice, its operands and the Map’s item', () => {
    const states = {
      'In stock?': choice,
      Ok: { Type: 'Pass', End: true },
      None: { Type: 'Fail', Error: 'NotInStock' },
    };
    const each = {
      Each: { Type: 'Map', ItemProcessor: { StartAt: 'In stock?', States: states }, End: true },
    };
    expect(sentenceOf(each, (t) => t.start('[{"quantityInStock":1},{"quantityInStock":0}]'))).toBe(
      "It failed with NotInStock: Fail state 'None' was reached because Choice 'In stock?' took its Default: " +
        '$.quantityInStock is 0 (NumericGreaterThan 0): no match, for item 1 of Map \'Each\' ({"quantityInStock":0}).',
    );
  });

  it('names who caught what', () => {
    const states = {
      Pay: task({ Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Stop' }] }),
      Stop: { Type: 'Fail', Error: 'NotPaid' },
    };
    expect(sentenceOf(states, (t) => t.start().fail(3, 'Declined', 'no funds'))).toBe(
      "It failed with NotPaid: Fail state 'Stop' was reached because state 'Pay' failed with Declined (no funds), which 'Pay' caught.",
    );
  });

  it('quotes the interpreter', () => {
    expect(sentenceOf({ A: { Type: 'Pass', InputPath: '$.x', End: true } }, (t) => t.start())).toBe(
      "It failed with States.Runtime: An error occurred while executing the state 'A' (entered at the event id #2). Invalid path '$.x' : No results for path: $['x'].",
    );
  });

  it('shows a JSONata rule, with the variables and the time that it saw', () => {
    const states = {
      A: { Type: 'Pass', Assign: { limit: 3 }, Next: 'B' },
      B: {
        Type: 'Choice',
        Choices: [
          { Condition: '{% $states.input.n > $limit %}', Next: 'C' },
          { Condition: '{% $millis() = 0 %}', Next: 'C' },
        ],
        Default: 'C',
      },
      C: { Type: 'Fail', Error: 'Few' },
    };
    expect(sentenceOf(states, (t) => t.start('{"n":4}'), { QueryLanguage: 'JSONata' })).toBe(
      "It failed with Few: Fail state 'C' was reached because Choice 'B' chose 'C': {% $states.input.n > $limit %}: match.",
    );
    expect(sentenceOf(states, (t) => t.start('{"n":2}'), { QueryLanguage: 'JSONata' })).toBe(
      "It failed with Few: Fail state 'C' was reached because Choice 'B' chose 'C': {% $millis() = 0 %}: match.",
    );
  });

  it('quotes an expression that cannot be evaluated', () => {
    const states = { A: { Type: 'Pass', Output: '{% $nope %}', End: true } };
    expect(sentenceOf(states, (t) => t.start(), { QueryLanguage: 'JSONata' })).toBe(
      "It failed with States.QueryEvaluationError: in state 'A', The JSONata expression '$nope' specified for the field 'Output' returned nothing (undefined).",
    );
  });

  it.each([
    ["It is running: in state 'Pay'.", (t: Transcript) => t.start()],
    ['It succeeded.', (t: Transcript) => t.start().succeed(3, '1')],
    ['It was stopped from outside: Why (because).', (t: Transcript) => t.start().stop('Why', 'because')],
    [
      "It ran longer than the machine's TimeoutSeconds while it was in state 'Pay'.",
      (t: Transcript) => t.start().wait(9000),
    ],
  ])('%s', (sentence, drive) => {
    expect(sentenceOf({ Pay: task() }, drive, { TimeoutSeconds: 9 })).toBe(sentence);
  });
});
