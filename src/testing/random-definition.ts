import fc from 'fast-check';
import {
  type Command,
  decide,
  type Execution,
  isEnd,
  newExecution,
  type Seed,
  STANDARD_POLICY,
  type StimulusBody,
} from '../interpreter/index.js';
import { type Definition, type Diagnostic, parseDefinition } from '../language/index.js';
import { DIAGNOSTICS_MAX } from '../limits.js';
import { Payload } from '../payload/index.js';
import type { FuzzTarget } from './fuzz-target.js';
import { Outstanding } from './outstanding.js';
import { randomMachine } from './random-machine.js';
import { jsonText, mutated, oddName } from './random-text.js';
import { SAMPLE_DEFINITIONS } from './sample-definitions.js';
import { TEST_IDENTITY } from './transcript.js';

export interface RandomDefinition {
  /** Perhaps a definition. */
  readonly text: string;
  readonly type: 'STANDARD' | 'EXPRESS';
  /** JSON text. */
  readonly input: string;
  /** Chooses the tasks' answers. */
  readonly choices: readonly number[];
}

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };
type TreeEdit = {
  readonly place: number;
  readonly kind: number;
  readonly name: string;
  readonly value: Json;
  readonly from: number;
};

/** What fields may hold rightly or wrongly. */
const FIELD_NAMES = [
  'Type',
  'Next',
  'End',
  'Default',
  'StartAt',
  'States',
  'Resource',
  'Parameters',
  'ResultPath',
  'InputPath',
  'OutputPath',
  'ItemsPath',
  'Retry',
  'Catch',
  'Choices',
  'Branches',
  'Iterator',
  'ItemProcessor',
  'Seconds',
  'SecondsPath',
  'Timestamp',
  'Result',
  'Assign',
  'Error',
  'CausePath',
  'TimeoutSeconds',
  'HeartbeatSeconds',
  'MaxConcurrency',
  'ErrorEquals',
  'Variable',
  'And',
  'Not',
  'QueryLanguage',
  'Output',
  'Arguments',
  'Comment',
  'ToleratedFailureCount',
];
const FIELD_VALUES: readonly Json[] = [
  'Pass',
  'Task',
  'Choice',
  'Wait',
  'Succeed',
  'Fail',
  'Parallel',
  'Map',
  'A',
  'B',
  'C',
  'Each',
  'Both',
  true,
  false,
  null,
  0,
  1,
  -1,
  99_999_999,
  1.5,
  '$',
  '$.a',
  '$.items',
  '$$.Execution.Input',
  '$x',
  '$.a[*]',
  'States.ALL',
  'States.Runtime',
  'States.TaskFailed',
  "States.Format('{}', $.a)",
  '{% 1 %}',
  '{% $states.input %}',
  '{% $x %}',
  '{% $states.input.a[0].b + $y %}',
  '{% $states.result.( %}',
  '{% $nothing %}',
  '',
  [],
  {},
  [{}],
  'arn:aws:lambda:us-east-1:000000000000:function:f',
  'arn:aws:states:::sns:publish.waitForTaskToken',
  '2026-01-01T00:00:00Z',
  'JSONata',
];

const jsonTree = jsonText.map((text) => JSON.parse(text) as Json);
const treeEdit: fc.Arbitrary<TreeEdit> = fc.record({
  place: fc.nat({ max: 1_000_000 }),
  kind: fc.nat({ max: 5 }),
  name: fc.oneof({ arbitrary: fc.constantFrom(...FIELD_NAMES), weight: 6 }, oddName),
  value: fc.oneof({ arbitrary: fc.constantFrom(...FIELD_VALUES), weight: 6 }, jsonTree),
  from: fc.nat({ max: 1_000_000 }),
});
const base: fc.Arbitrary<string> = fc.oneof(
  { arbitrary: fc.constantFrom(...SAMPLE_DEFINITIONS), weight: 3 },
  { arbitrary: randomMachine({ depth: 2 }).map(({ definition }) => definition), weight: 1 },
);
const mutatedTree = fc
  .tuple(base, fc.array(treeEdit, { maxLength: 2 }), fc.constantFrom(0, 2))
  .map(([text, edits, indent]) => JSON.stringify(edits.reduce(editedTree, JSON.parse(text) as Json), null, indent));

/** A value of the tree taken out, replaced, renamed, doubled, wrapped, or put in another one's place. */
function editedTree(root: Json, edit: TreeEdit): Json {
  const places = placesOf(root);
  const place = places[edit.place % places.length] ?? [];
  switch (edit.kind) {
    case 0:
      return place.length === 0 ? edit.value : changed(root, place, () => undefined);
    case 1:
      return changed(root, place, () => edit.value);
    case 2:
      return changed(root, place, (value) => (isBranch(value) ? { ...value, [edit.name]: edit.value } : edit.value));
    case 3:
      return changed(root, place, (value) => [value, value]);
    case 4:
      return changed(root, place, (value) => ({ [edit.name]: value }));
    default:
      return changed(root, place, () => at(root, places[edit.from % places.length] ?? []));
  }
}

const isBranch = (value: Json | undefined): value is { readonly [name: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function placesOf(value: Json, place: readonly string[] = []): string[][] {
  const members = typeof value === 'object' && value !== null ? Object.entries(value as object) : [];
  return [[...place], ...members.flatMap(([name, member]) => placesOf(member as Json, [...place, name]))];
}

function at(value: Json, [name, ...rest]: readonly string[]): Json {
  if (name === undefined || typeof value !== 'object' || value === null) return value;
  return at((value as Record<string, Json>)[name] ?? null, rest);
}

function changed(value: Json, [name, ...rest]: readonly string[], change: (old: Json) => Json | undefined): Json {
  if (name === undefined) return change(value) ?? null;
  const entries = Object.entries(value as object).flatMap(([key, member]): [string, Json][] => {
    if (key !== name) return [[key, member as Json]];
    const next = rest.length > 0 ? changed(member as Json, rest, change) : change(member as Json);
    return next === undefined ? [] : [[key, next]];
  });
  return Array.isArray(value) ? entries.map(([, member]) => member) : Object.fromEntries(entries);
}

const PIECES = [
  '{',
  '}',
  '[',
  ']',
  '"',
  ',',
  ':',
  'null',
  '\\u',
  '1e',
  '-',
  '"Type":',
  '"States":{',
  '{"StartAt":"A","States":{"A":',
  '[[[[',
  ' ',
];
const definitionText: fc.Arbitrary<string> = fc.oneof(
  { arbitrary: mutatedTree, weight: 8 },
  { arbitrary: mutated(mutatedTree, PIECES), weight: 3 },
  { arbitrary: jsonText, weight: 1 },
  { arbitrary: fc.string({ unit: 'binary', maxLength: 40 }), weight: 1 },
  {
    arbitrary: fc.tuple(fc.constantFrom(...PIECES), fc.nat({ max: 3000 })).map(([piece, count]) => piece.repeat(count)),
    weight: 1,
  },
);

/** Any text gives diagnostics that lie inside it, or a definition; that one runs to an end, or waits for something. */
export const definitionTarget: FuzzTarget<RandomDefinition> = {
  name: 'definition',
  arbitrary: fc.record({
    text: definitionText,
    type: fc.constantFrom('STANDARD' as const, 'EXPRESS' as const),
    input: fc.oneof(
      fc.constant('{"a": [1, {"b": 2}], "items": [{"ok": true}, 2], "flag": true, "at": "2026-01-01T00:00:00Z"}'),
      jsonText,
    ),
    choices: fc.array(fc.nat({ max: 1000 }), { minLength: 1, maxLength: 20 }),
  }),
  check: (given) => {
    const { definition, diagnostics } = parseDefinition(given.text, { type: given.type });
    checkDiagnostics(given.text, diagnostics);
    const hasError = diagnostics.some(({ severity }) => severity === 'ERROR');
    if (hasError === (definition !== null))
      throw new Error('Expected either a definition or an error, not both or neither');
    if (definition !== null) checkRun(definition, given);
    return definition !== null;
  },
  show: ({ text, type, input, choices }) => `${type} ${text}\non ${input}\nchoices ${JSON.stringify(choices)}`,
};

function checkDiagnostics(text: string, diagnostics: readonly Diagnostic[]): void {
  if (diagnostics.length > DIAGNOSTICS_MAX)
    throw new Error(`Expected at most ${DIAGNOSTICS_MAX} diagnostics, not ${diagnostics.length}`);
  const lines = text.split(/\r\n|\r|\n/);
  for (const { line, column, message } of diagnostics) {
    if (line === null && column === null) continue;
    const letters = lines[(line ?? 0) - 1]?.length;
    if (letters === undefined || column === null || column < 1 || column > letters + 1) {
      throw new Error(
        `Expected the place of '${message}' to lie in the text, but it is line ${line}, column ${column}`,
      );
    }
  }
}

/** More turns than a history of 25,000 events can need. */
const TURNS_MAX = 60_000;

function checkRun(definition: Definition, { input, choices }: RandomDefinition): void {
  const execution = newExecution(TEST_IDENTITY);
  const outstanding = new Outstanding();
  let now = 0;
  let body: StimulusBody | null = { type: 'StartExecution', input: Payload.ofText(input) };
  for (let turn = 0; body !== null; turn++) {
    if (turn > TURNS_MAX) throw new Error(`Expected an end within ${TURNS_MAX} decisions`);
    if (body.type === 'TimerFired') now = Math.max(now, body.dueAt);
    const stimuli = [{ ...body, at: now, seed: [turn, 1, 2, 3] as Seed }];
    const decision = decide(definition, execution, stimuli, STANDARD_POLICY);
    outstanding.apply(stimuli, decision);
    if (execution.status !== 'RUNNING') break;
    if (decision.records.some(isEnd)) throw new Error('Expected the status to be that of the last record');
    body = nextStimulus(outstanding, choices, turn);
  }
  checkLeft(execution, outstanding);
}

function nextStimulus(outstanding: Outstanding, choices: readonly number[], turn: number): StimulusBody | null {
  if (outstanding.isContinuing) return { type: 'Continue' };
  const choice = choices[turn % choices.length] ?? 0;
  const tasks = [...outstanding.tasks.values()];
  const task = tasks[choice % (tasks.length || 1)];
  const timer = [...outstanding.timers.values()].sort((a, b) => a.dueAt - b.dueAt)[0];
  if (timer !== undefined && (task === undefined || choice % 5 === 0))
    return { type: 'TimerFired', timer: timer.timer, dueAt: timer.dueAt };
  return task === undefined ? null : answerTo(task, choice);
}

const ANSWERS = ['{"ok": true, "n": 1}', 'null', '"text"', '[1, [2]]', '{"a": {"b": 1.50}}'];

function answerTo({ task }: Command & { type: 'InvokeTask' }, choice: number): StimulusBody {
  if (choice % 4 === 0)
    return {
      type: 'TaskFailed',
      task,
      error: `E${choice % 3}`,
      cause: 'why',
      phase: choice % 8 === 0 ? 'start' : 'call',
    };
  return { type: 'TaskSucceeded', task, output: Payload.ofText(ANSWERS[choice % ANSWERS.length] ?? 'null') };
}

/** Nothing is left at the end; something is awaited before it. */
function checkLeft(execution: Execution, outstanding: Outstanding): void {
  if (execution.status === 'RUNNING') throw new Error('Expected the running execution to wait for something');
  outstanding.checkEmpty();
  if (execution.status === 'SUCCEEDED' && execution.frames.size !== 1) {
    throw new Error(`Expected one frame at the end, but ${execution.frames.size} are left`);
  }
}
