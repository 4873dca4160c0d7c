import { SCENARIO_ANSWER_MS_MAX } from '../../limits.js';
import { ScenarioError } from './scenario-error.js';

/** The real ones, whatever a test does to them later (fake timers). */
const { setTimeout: startTimeout, clearTimeout: stopTimeout } = globalThis;

/** Mocks and handlers that are at work in real time, and the first thing that went wrong in the test itself. */
export class Work {
  readonly #underWay = new Set<string>();
  #fault: { readonly value: unknown } | null = null;
  #progressed: () => void = () => undefined;
  #count = 0;

  constructor(private readonly answerMsMax = SCENARIO_ANSWER_MS_MAX) {}

  get isUnderWay(): boolean {
    return this.#underWay.size > 0;
  }

  fail(fault: unknown): void {
    this.#fault ??= { value: fault };
  }

  throwFault(): void {
    if (this.#fault !== null) throw this.#fault.value;
  }

  /** Does it now; what it throws is the test's fault. */
  attempt(act: () => void): void {
    try {
      act();
    } catch (fault) {
      this.fail(fault);
    }
  }

  /** Hands the value on, now or when its promise is fulfilled; a rejection is the test's fault. */
  take<Value>(what: string, value: Value | Promise<Value>, use: (value: Value) => void): void {
    if (!isPromise(value)) return use(value);
    const key = `${what} ${this.#count++}`;
    this.#underWay.add(key);
    const done = (act: () => void): void => {
      this.#underWay.delete(key);
      this.attempt(act);
      this.#progressed();
    };
    value.then(
      (fulfilled) => done(() => use(fulfilled)),
      (fault: unknown) => done(() => this.fail(fault)),
    );
  }

  /** Until one of them has come to its end. */
  async progress(): Promise<void> {
    const names = [...this.#underWay].map((key) => key.replace(/ \d+$/, '')).join(', ');
    await new Promise<void>((resolve) => {
      const timeout = startTimeout(() => {
        const seconds = this.answerMsMax / 1000;
        this.fail(
          new ScenarioError(
            `Expected ${names} to answer within ${seconds} s of real time, but nothing came. To let virtual time pass, answer with { result, after }.`,
          ),
        );
        resolve();
      }, this.answerMsMax);
      this.#progressed = () => {
        stopTimeout(timeout);
        resolve();
      };
    });
  }
}

/** Not `instanceof`: a test runner may load modules into realms of their own. */
const isPromise = <Value>(value: Value | Promise<Value>): value is Promise<Value> =>
  typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
