import { errorDetails, type StimulusBody } from '../../interpreter/index.js';
import { CAUSE_CHARS_MAX, ERROR_CHARS_MAX } from '../../limits.js';
import { Payload } from '../../payload/index.js';
import { durationMs } from './duration.js';
import type { MockAnswer, MockError, MockResult } from './mock.js';
import { nearestNames } from './nearest-names.js';
import { ScenarioError } from './scenario-error.js';

type Form = 'result' | 'error' | 'pending';

/** The members that go with each form of an answer. */
const MEMBERS: Readonly<Record<Form, readonly string[]>> = {
  result: ['result', 'after', 'heartbeatEvery', 'submitted'],
  error: ['error', 'cause', 'after', 'heartbeatEvery', 'submitted'],
  pending: ['pending', 'heartbeatEvery', 'heartbeats', 'submitted'],
};
const FORMS: readonly Form[] = ['result', 'error', 'pending'];

/** An answer, ready to be given. */
export interface PreparedAnswer {
  /** Null: none comes by itself. */
  readonly body: ((task: number) => StimulusBody) | null;
  readonly afterMs: number;
  /** What the accepted call answers; null = it was not accepted. */
  readonly submitted: Payload | null;
  /** Null: no beats. */
  readonly beats: { readonly everyMs: number; readonly count: number } | null;
}

/** Throws ScenarioError for what is no answer. `what` says whose it is. */
export function prepareAnswer(answer: MockAnswer, what: string): PreparedAnswer {
  const form = formOf(answer, what);
  const { heartbeatEvery, submitted } = answer;
  const count = 'pending' in answer ? (answer.heartbeats ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY;
  const everyMs = heartbeatEvery === undefined ? 0 : durationMs(heartbeatEvery, `'heartbeatEvery' of ${what}`);
  return {
    body: form === 'pending' ? null : bodyOf(answer as MockResult | MockError, what), // by its form
    afterMs: 'after' in answer && answer.after !== undefined ? durationMs(answer.after, `'after' of ${what}`) : 0,
    submitted: submitted === false ? null : payloadOf(submitted ?? {}, `'submitted' of ${what}`),
    beats: everyMs > 0 ? { everyMs, count } : null,
  };
}

function formOf(answer: unknown, what: string): Form {
  const expected = `Expected ${what} to be { result }, { error, cause }, { pending: true }, a function or a list of these`;
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) {
    throw new ScenarioError(`${expected}, but it is ${shown(answer)}.`);
  }
  const names = Object.keys(answer);
  const forms = FORMS.filter((form) => names.includes(form));
  const [form] = forms;
  if (form === undefined || forms.length > 1) {
    const near = names.flatMap((name) => nearestNames(name, FORMS)).slice(0, 1);
    const hint = near.length > 0 && forms.length === 0 ? ` Did you mean '${near[0]}'?` : '';
    throw new ScenarioError(`${expected}, but it is ${shown(answer)}.${hint}`);
  }
  const foreign = names.find((name) => !MEMBERS[form].includes(name));
  if (foreign === undefined) return form;
  const [near] = nearestNames(foreign, MEMBERS[form]);
  const hint =
    near === undefined
      ? ` With '${form}' there may be ${MEMBERS[form].slice(1).join(', ')}.`
      : ` Did you mean '${near}'?`;
  throw new ScenarioError(`${expected}, but '${foreign}' does not belong there.${hint}`);
}

function bodyOf(answer: MockResult | MockError, what: string): (task: number) => StimulusBody {
  if ('result' in answer) {
    const output = payloadOf(answer.result, `'result' of ${what}`);
    return (task) => ({ type: 'TaskSucceeded', task, output });
  }
  const failure = failureOf(answer, what);
  return (task) => ({ type: 'TaskFailed', task, phase: 'call', ...failure });
}

export function failureOf({ error, cause }: Pick<MockError, 'error' | 'cause'>, what: string) {
  if (typeof error !== 'string' || error.length > ERROR_CHARS_MAX) {
    throw new ScenarioError(
      `Expected 'error' of ${what} to be a text of at most ${ERROR_CHARS_MAX} characters, but it is ${shown(error)}.`,
    );
  }
  const text = cause === undefined || typeof cause === 'string' ? cause : payloadOf(cause, `'cause' of ${what}`).text;
  if ((text?.length ?? 0) > CAUSE_CHARS_MAX) {
    throw new ScenarioError(
      `Expected 'cause' of ${what} to have at most ${CAUSE_CHARS_MAX} characters, but it has ${text?.length}.`,
    );
  }
  return errorDetails({ error, cause: text });
}

/** Throws ScenarioError for a value that JSON cannot hold. */
export function payloadOf(value: unknown, what: string): Payload {
  let text: string | undefined;
  try {
    text = JSON.stringify(value ?? null);
  } catch (fault) {
    throw new ScenarioError(
      `Expected ${what} to be a JSON value, but: ${fault instanceof Error ? fault.message : fault}.`,
    );
  }
  if (text === undefined) throw new ScenarioError(`Expected ${what} to be a JSON value, but it is a ${typeof value}.`);
  return Payload.ofText(text);
}

const SHOWN_CHARS_MAX = 120;

function shown(value: unknown): string {
  let text: string;
  try {
    text = JSON.stringify(value) ?? typeof value;
  } catch {
    text = `a ${typeof value} that JSON cannot hold`;
  }
  return text.length > SHOWN_CHARS_MAX ? `${text.slice(0, SHOWN_CHARS_MAX)}…` : text;
}
