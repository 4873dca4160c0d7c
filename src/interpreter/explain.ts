import type { ChoiceState, Definition } from '../language/definition.js';
import { selectByPath } from './data-flow.js';
import { Draft, stateOf } from './draft.js';
import { evolve } from './evolve.js';
import { type ExecutionIdentity, frameOf, newExecution } from './execution.js';
import type { ErrorDetails, HistoryRecord } from './history.js';
import { STANDARD_POLICY } from './policy.js';
import { StateScope } from './scope.js';

export interface Explanation {
  /** One sentence for a person. */
  readonly sentence: string;
  /** The state that decided; null where none did. */
  readonly state: string | null;
}

/** What causes say in front. */
const PLACE = /^An error occurred while executing the state '.*?' \(entered at the event id #\d+\)\. /s;
/** What is quoted from inputs and causes. */
const QUOTE_CHARS_MAX = 200;

/** Says from its records why an execution ended as it did: the deciding Choice, the Map's item, the function's error. */
export function explain(
  definition: Definition,
  identity: ExecutionIdentity,
  records: readonly HistoryRecord[],
): Explanation {
  return new Explainer(definition, identity, records).explain();
}

interface Clause {
  readonly text: string;
  readonly state: string | null;
}

class Explainer {
  readonly #byId = new Map<number, HistoryRecord>();

  constructor(
    private readonly definition: Definition,
    private readonly identity: ExecutionIdentity,
    private readonly records: readonly HistoryRecord[],
  ) {
    for (const record of records) if (record.id !== null) this.#byId.set(record.id, record);
  }

  explain(): Explanation {
    const last = this.records.findLast((record) => record.type.startsWith('Execution'));
    switch (last?.type) {
      case 'ExecutionSucceeded':
        return { sentence: 'It succeeded.', state: null };
      case 'ExecutionAborted':
        return { sentence: `It was stopped from outside${withError(last.details)}.`, state: this.#currentState() };
      case 'ExecutionTimedOut': {
        const state = this.#currentState();
        const where = state === null ? '' : ` while it was in state '${state}'`;
        return { sentence: `It ran longer than the machine's TimeoutSeconds${where}.`, state };
      }
      case 'ExecutionFailed': {
        const clause = this.#clause(last.previousEventId) ?? { text: shorten(last.details.cause ?? ''), state: null };
        const isRuntime = last.details.error === 'States.Runtime';
        const text = isRuntime ? shorten(last.details.cause ?? '') : clause.text;
        return { sentence: `It failed with ${last.details.error ?? 'no error name'}: ${text}.`, state: clause.state };
      }
      default: {
        const state = this.#currentState();
        return { sentence: state === null ? 'It is running.' : `It is running: in state '${state}'.`, state };
      }
    }
  }

  #currentState(): string | null {
    const entered = this.records.findLast((record) => record.type.endsWith('StateEntered'));
    return entered === undefined ? null : nameOf(entered);
  }

  /** What the event says about why things went on as they did. */
  #clause(eventId: number): Clause | null {
    const record = this.#byId.get(eventId);
    if (record === undefined) return null;
    switch (record.type) {
      case 'TaskFailed':
      case 'TaskTimedOut':
      case 'TaskStartFailed':
      case 'TaskSubmitFailed':
      case 'LambdaFunctionFailed':
      case 'LambdaFunctionTimedOut':
      case 'LambdaFunctionScheduleFailed':
      case 'LambdaFunctionStartFailed': {
        const state = this.#stateOf(record);
        const item = this.#item(record.frame);
        return { text: `state '${state}' failed with ${errorText(record.details)}${item}`, state };
      }
      case 'EvaluationFailed': {
        const { state, cause } = record.details;
        const fault = cause.replace(PLACE, '').replace(/\.$/, '');
        return { text: `in state '${state}', ${shorten(fault)}${this.#item(record.frame)}`, state };
      }
      case 'MapStateFailed':
      case 'ParallelStateFailed':
        return this.#clause(record.previousEventId);
      case 'FailStateEntered': {
        const before = this.#clause(record.previousEventId);
        const because = before === null ? '' : ` because ${before.text}`;
        const item = before?.text.includes(', for item ') ? '' : this.#item(record.frame);
        return {
          text: `Fail state '${record.details.name}' was reached${item}${because}`,
          state: before?.state ?? record.details.name,
        };
      }
      case 'ChoiceStateExited':
        return this.#choice(record);
      case 'TaskStateExited':
      case 'MapStateExited':
      case 'ParallelStateExited': {
        const before = this.#byId.get(record.previousEventId);
        if (before === undefined || !/(Failed|TimedOut)$/.test(before.type)) return null;
        const clause = this.#clause(record.previousEventId);
        return clause && { ...clause, text: `${clause.text}, which '${record.details.name}' caught` };
      }
      default:
        return record.type.endsWith('StateEntered') ? { text: 'an interpreter error', state: nameOf(record) } : null;
    }
  }

  #stateOf(record: HistoryRecord): string {
    const entered = this.records.findLast(
      (other) => other.seq < record.seq && other.frame === record.frame && other.type.endsWith('StateEntered'),
    );
    return entered === undefined ? '?' : nameOf(entered);
  }

  /** `, for item 1 of Map 'Each' (…)` where the frame, or one around it, is an iteration. */
  #item(frame: number): string {
    const opening = this.records.find((record) => record.seq === frame);
    if (opening?.type === 'MapIterationStarted') {
      const { name, index } = opening.details;
      return `, for item ${index} of Map '${name}' (${shorten(opening.private.input.text)})`;
    }
    return opening?.type === 'BranchStarted' ? this.#item(opening.private.parent) : '';
  }

  /** Evaluates the Choice again, with what it saw then. */
  #choice(exited: HistoryRecord): Clause {
    const name = nameOf(exited);
    const execution = newExecution(this.identity);
    const entered = this.records.findLast(
      (record) => record.seq < exited.seq && record.frame === exited.frame && record.type === 'ChoiceStateEntered',
    );
    for (const record of this.records) {
      if (entered === undefined || record.seq > entered.seq) break;
      evolve(execution, record);
    }
    const draft = new Draft(this.definition, execution, STANDARD_POLICY);
    draft.observe(exited.at, [0, 0, 0, 1]);
    const frame = frameOf(execution, exited.frame);
    const state = stateOf(draft, frame) as ChoiceState; // the record says so
    const scope = new StateScope(draft, frame, selectByPath(draft, frame, state.inputPath, frame.input));
    const rule = state.choices.find((candidate) => candidate.test(scope));
    const why = rule ? rule.describe(scope) : state.choices.map((candidate) => candidate.describe(scope)).join('; ');
    const taken = rule ? `chose '${rule.next}'` : 'took its Default';
    return { text: `Choice '${name}' ${taken}: ${shorten(why)}${this.#item(exited.frame)}`, state: name };
  }
}

const nameOf = (record: HistoryRecord): string =>
  record.details !== null && 'name' in record.details ? record.details.name : '?';

const withError = ({ error, cause }: ErrorDetails): string =>
  error === undefined && cause === undefined
    ? ''
    : `: ${errorText({ ...(error && { error }), ...(cause && { cause }) })}`;

/** A function's error object says its message; other causes are quoted as they are. */
function errorText({ error, cause }: ErrorDetails): string {
  const message = messageOf(cause ?? '');
  return `${error ?? 'no error name'}${message === '' ? '' : ` (${shorten(message)})`}`;
}

function messageOf(cause: string): string {
  if (!cause.startsWith('{')) return cause;
  try {
    const { errorMessage } = JSON.parse(cause) as { readonly errorMessage?: unknown };
    return typeof errorMessage === 'string' ? errorMessage : cause;
  } catch {
    return cause;
  }
}

const shorten = (text: string): string =>
  text.length <= QUOTE_CHARS_MAX ? text : `${text.slice(0, QUOTE_CHARS_MAX - 1)}…`;
