import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Definition, parseDefinition } from '../language/index.js';
import { PayloadNumbers } from '../store/segment.js';
import { checkWaiting, HistoryRules } from '../testing/history-rules.js';
import { fingerprintOf, RandomDriver, type RandomDriverOptions, restore } from '../testing/random-driver.js';
import { randomMachine } from '../testing/random-machine.js';
import { TEST_IDENTITY } from '../testing/transcript.js';
import { evolve, newExecution } from './index.js';

/** More of them find more: `CASES=3000 npx vitest run src/interpreter --testTimeout 600000`. */
const CASES = Number(process.env.CASES ?? 200);

const scenario = fc.record({
  machine: randomMachine(),
  choices: fc.array(fc.nat({ max: 10_000 }), { minLength: 2, maxLength: 120 }),
});
type Scenario = typeof scenario extends fc.Arbitrary<infer Value> ? Value : never;

/** All parsed payloads are frozen on the way: a decision that changed one would throw. */
const driver = ({ machine, choices }: Scenario, options: Partial<RandomDriverOptions> = {}): RandomDriver =>
  new RandomDriver({
    definition: definitionOf(machine.definition),
    input: machine.input,
    choices,
    manner: 'chaotic',
    foldedMax: 3,
    noise: 'none',
    memory: 'stays',
    ...options,
  });

function definitionOf(text: string): Definition {
  const { definition, diagnostics } = parseDefinition(text, { type: 'STANDARD' });
  if (definition === null) throw new Error(`Expected a valid machine, but got ${JSON.stringify(diagnostics)}`);
  return definition;
}

function assertAll<Given extends [Scenario, ...unknown[]]>(property: fc.IPropertyWithHooks<Given>): void {
  // Shrinking stops in time for the counterexample to be shown.
  fc.assert(property, { numRuns: CASES, interruptAfterTimeLimit: 100 * CASES });
}

describe('whatever the machine, and whatever comes when', () => {
  it('keeps the rules of a history, ends, and leaves nothing awaited', () => {
    assertAll(
      fc.property(scenario, (given) => {
        const rules = new HistoryRules(definitionOf(given.machine.definition));
        driver(given).drive(({ execution, outstanding }, { decision }) => {
          for (const record of decision.records) rules.take(record);
          checkWaiting(execution, outstanding);
        });
      }),
    );
  });

  it('replays from any of its decisions as it was, from its records and from its segments', () => {
    assertAll(
      fc.property(scenario, (given) => {
        const { turns, records, segments } = driver(given).drive();
        const replayed = newExecution(TEST_IDENTITY);
        for (const { seq, fingerprint } of turns) {
          for (const record of records.slice(replayed.seq, seq)) evolve(replayed, record);
          expect(fingerprintOf(replayed)).toBe(fingerprint);
        }
        expect(fingerprintOf(restore(segments, null, new PayloadNumbers()))).toBe(fingerprintOf(replayed));
      }),
    );
  });

  it('goes on the same after leaving memory', () => {
    assertAll(
      fc.property(scenario, (given) => {
        const left = driver(given, { memory: 'leaves' }).drive();
        expect(textOf(left)).toEqual(textOf(driver(given).drive()));
      }),
    );
  });

  it('takes no notice of repeated, late and foreign stimuli', () => {
    assertAll(
      fc.property(scenario, (given) => {
        const disturbed = driver(given, { noise: 'much' }).drive();
        expect(textOf(disturbed)).toEqual(textOf(driver(given).drive()));
      }),
    );
  });

  it('comes to the same end in any order and folding, where no branch can end another', () => {
    let compared = 0;
    assertAll(
      fc.property(scenario, (given) => {
        const single = driver(given, { manner: 'orderly', foldedMax: 1, choices: given.choices.slice(0, 2) }).drive();
        fc.pre(isIndependent(single));
        const folded = driver(given, { manner: 'orderly', foldedMax: 5, noise: 'much' }).drive();
        expect(endOf(folded)).toEqual(endOf(single));
        compared += 1;
      }),
    );
    expect(compared).toBeGreaterThan(50);
  });
});

describe('a machine with any expressions in it', () => {
  const anyExpression = fc.constantFrom(
    ...[
      '$',
      '$$',
      'phone',
      '1 +',
      '$nope',
      '$states',
      '$states.result',
      '$states.errorOutput',
      '$eval("1")',
      '1/0',
      '-1',
    ],
    ...[
      '$sum',
      'null',
      '[]',
      '[1,2]',
      '{"7": 1}',
      '$states.input',
      '$states.context',
      '$now()',
      '"text"',
      '$error("x")',
    ],
  );
  it('is refused, or runs to an end', () => {
    let run = 0;
    assertAll(
      fc.property(scenario, fc.array(anyExpression, { minLength: 1, maxLength: 5 }), (given, expressions) => {
        let count = 0;
        const text = given.machine.definition.replaceAll(/\{%.*?%\}/g, (whole) => {
          const expression = count % 3 === 0 ? expressions[(count / 3) % expressions.length] : undefined;
          count += 1;
          return expression === undefined ? whole : `{% ${JSON.stringify(expression).slice(1, -1)} %}`;
        });
        const { definition, diagnostics } = parseDefinition(text, { type: 'STANDARD' });
        if (definition === null) return void expect(diagnostics.map(({ code }) => code).join()).toContain('JSONATA');
        const { execution } = driver({ ...given, machine: { ...given.machine, definition: text } }).drive();
        expect(execution.status).not.toBe('RUNNING');
        run += 1;
      }),
    );
    expect(run).toBeGreaterThan(20);
  });
});

const textOf = ({ records }: RandomDriver): readonly string[] => records.map((record) => JSON.stringify(record));
/** No Map or Parallel failed, so nothing was cut short by something else. */
const isIndependent = ({ records, execution }: RandomDriver): boolean =>
  (execution.status === 'SUCCEEDED' || execution.frames.size === 1) &&
  !records.some(({ type }) => /Aborted$|IterationFailed$|(Map|Parallel)StateFailed$/.test(type));
/** Causes name the event at which a state was entered, which depends on the order. */
const endOf = ({ execution: { status, output, failure } }: RandomDriver) =>
  JSON.stringify([status, output?.text, failure]).replaceAll(/event id #\d+/g, 'event id #');
