import type { Mock, MockAnswer, MockCall, MockFunction, Mocks } from './mock.js';
import { prepareAnswer } from './mock-answer.js';
import { ScenarioError } from './scenario-error.js';
import type { PathReference, StatePaths } from './state-paths.js';

interface Entry {
  readonly key: string;
  readonly reference: PathReference;
  readonly mock: Mock;
  isUsed: boolean;
}

/** The mocks of one execution, checked against its definition. */
export class MockTable {
  readonly #entries: readonly Entry[];

  /** Throws ScenarioError for a mock that names no Task state, or answers nothing. */
  constructor(mocks: Mocks, paths: StatePaths) {
    this.#entries = Object.entries(mocks).map(([key, mock]) => {
      const reference = paths.reference(key, 'a mock');
      const { state } = reference;
      if (state.type !== 'Task') {
        throw new ScenarioError(
          `Expected a mock to name a Task state, but '${key}' is a ${state.type} state, which calls nothing. Mock the tasks; choose what comes by their answers and the input.`,
        );
      }
      checkMock(mock, key);
      return { key, reference, mock, isUsed: false };
    });
  }

  /** Keys of the mocks that no call has asked for. */
  get unused(): readonly string[] {
    return this.#entries.filter(({ isUsed }) => !isUsed).map(({ key }) => key);
  }

  /** Undefined where no mock is for the call. Throws ScenarioError when a list has no more answers. */
  find(call: MockCall): { readonly answer: MockAnswer | MockFunction; readonly key: string } | undefined {
    const fitting = this.#entries.filter(
      ({ reference }) => reference.text === call.path && reference.isAt(call.iteration),
    );
    const [entry] = fitting.sort((a, b) => b.reference.indexCount - a.reference.indexCount);
    if (entry === undefined) return undefined;
    entry.isUsed = true;
    const { key, mock } = entry;
    if (!isList(mock)) return { answer: mock, key };
    const answer = mock[call.attempt - 1];
    if (answer !== undefined) return { answer, key };
    const answers = mock.length === 1 ? '1 answer' : `${mock.length} answers`;
    throw new ScenarioError(
      `Expected the mock '${key}' to be asked at most ${mock.length} times${inIteration(call)}, for it lists ${answers}, but there is call ${call.attempt}${call.retryCount > 0 ? ` (retry ${call.retryCount})` : ''}. Add an answer to the list, or give one answer or a function for all calls.`,
    );
  }
}

const isList = (mock: Mock): mock is ReadonlyArray<MockAnswer | MockFunction> => Array.isArray(mock);

export const inIteration = ({ iteration }: Pick<MockCall, 'iteration'>): string =>
  iteration.length === 0 ? '' : ` in iteration [${iteration.join(', ')}]`;

/** What is wrong with a mock is said at the start, not when its turn comes. */
function checkMock(mock: Mock, key: string): void {
  if (isList(mock) && mock.length === 0)
    throw new ScenarioError(`Expected the mock '${key}' to list answers, but the list is empty.`);
  for (const [index, answer] of (isList(mock) ? mock : [mock]).entries()) {
    if (typeof answer !== 'function')
      prepareAnswer(answer, isList(mock) ? `answer ${index + 1} of the mock '${key}'` : `the mock '${key}'`);
  }
}
