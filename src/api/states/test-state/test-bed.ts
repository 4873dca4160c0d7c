import type { MapData } from '../../../host/index.js';
import type { TaskAnswer, TaskCall } from '../../../integrations/port.js';
import { STANDARD_POLICY } from '../../../interpreter/index.js';
import { ApiError } from '../../port.js';
import { testStateAction } from './test-state.js';

/** `definition` may be given as a structure. */
export interface BedRequest {
  readonly definition?: unknown;
  readonly [member: string]: unknown;
}

/** TestState for tests: tasks are answered by the test, and time passes without being waited for once it says so. */
export class TestBed {
  readonly calls: TaskCall[] = [];
  answer: (call: TaskCall, signal: AbortSignal) => Promise<TaskAnswer> = echo;
  now = 0;
  doesTimePass = false;
  readonly #action;

  constructor(mapDataOf: (text: string) => MapData) {
    this.#action = testStateAction({
      performer: {
        perform: (call, { signal }) => {
          this.calls.push(call);
          return this.answer(call, signal);
        },
      },
      clock: { now: () => this.now, after: (ms, then) => this.#after(ms, then) },
      seed: () => [1, 2, 3, 4],
      newName: () => 'a-name',
      policy: STANDARD_POLICY,
      mapDataOf,
    });
  }

  async send({ definition, ...rest }: BedRequest): Promise<unknown> {
    const text = typeof definition === 'string' ? definition : JSON.stringify(definition);
    return this.#action({
      place: { region: 'eu-west-1', account: '000000000000' },
      input: { definition: text, ...rest },
      requestId: 'r',
      signal: new AbortController().signal,
    });
  }

  /** `Code: message` where the request is refused, else the answer as JSON. */
  async refusal(request: BedRequest): Promise<string> {
    try {
      return JSON.stringify(await this.send(request));
    } catch (fault) {
      if (fault instanceof ApiError) return `${fault.code}: ${fault.message}`;
      throw fault;
    }
  }

  #after(ms: number, then: () => void): () => void {
    if (this.doesTimePass) {
      this.now += ms;
      then();
    }
    return () => undefined;
  }
}

/** A task's result is what it was called with. */
export const echo = async ({ parameters }: TaskCall): Promise<TaskAnswer> => ({
  type: 'succeeded',
  output: parameters,
});
