import { ApiError } from '../api/port.js';
import type { Clock } from '../host/index.js';
import type { SeededRandom } from '../testing/seeded-random.js';
import { EXPRESS_MACHINE, executionArnOf, type Kind, machineArnOf, type OrderInput } from './machines.js';

/** The server as clients see it, until it dies. */
export interface Reachable {
  readonly clock: Pick<Clock, 'after'>;
  /** Throws ApiError for refusals; anything else may be asked again. Never settles after the death. */
  ask(operation: string, input: object): Promise<Record<string, unknown>>;
}

/** One execution that a client wants, and what it was told of it. */
export interface Wish {
  readonly kind: Kind;
  readonly name: string;
  readonly input: OrderInput;
  /** The first attempt is made so long after the beginning. */
  readonly afterMs: number;
  isStarted: boolean;
  /** Its stop or redrive was acknowledged, or there is none to come. */
  isDone: boolean;
}

/** Clients and workers: they repeat what was not acknowledged, through every crash, and note what was. */
export class Clients {
  /** Tokens whose answer was acknowledged. */
  readonly #answered = new Set<string>();
  readonly #worked = new Set<string>();
  /** Tokens whose answer was sent: it may have been taken although nobody was told. */
  readonly #sent = new Set<string>();
  /** Starts of Express executions that were acknowledged. */
  express = 0;

  constructor(
    readonly wishes: readonly Wish[],
    private readonly random: SeededRandom,
    private readonly report: (problem: string) => void,
    /** How long people take, as a part of what they take in the simulation. */
    private readonly pace = 1,
  ) {}

  get isDone(): boolean {
    return this.wishes.every(({ isStarted, isDone }) => isStarted && isDone);
  }

  /** Everybody begins again with what is not acknowledged. */
  begin(life: Reachable, elapsed: number): void {
    this.#worked.clear();
    for (const wish of this.wishes) {
      if (wish.isStarted && wish.isDone) continue;
      life.clock.after(Math.max(0, wish.afterMs - elapsed), () => this.#watch(this.#fulfil(life, wish)));
    }
  }

  /** Tokens that have come since the last look get a worker. */
  takeTokens(life: Reachable, tokens: ReadonlyMap<string, number>): void {
    for (const [token, n] of tokens) {
      if (this.#answered.has(token) || this.#worked.has(token)) continue;
      this.#worked.add(token);
      this.#watch(this.#work(life, token, n));
    }
  }

  async #fulfil(life: Reachable, wish: Wish): Promise<void> {
    const { kind, name, input } = wish;
    const executionArn = executionArnOf(kind.machine, name);
    if (!wish.isStarted) {
      const start = { stateMachineArn: machineArnOf(kind.machine), name, input: JSON.stringify(input) };
      await this.#insist(life, () => life.ask('StartExecution', start), ['ExecutionAlreadyExists']);
      wish.isStarted = true;
      if (this.random.chance(0.1)) await this.#startExpress(life, start.input);
    }
    if (kind.afterwards === 'stop') {
      await this.#pause(life, 60_000);
      await this.#insist(life, () => life.ask('StopExecution', { executionArn, error: 'Enough' }));
    }
    if (kind.afterwards === 'redrive') {
      const status = async () => (await life.ask('DescribeExecution', { executionArn })).status;
      while ((await this.#insist(life, status)) === 'RUNNING') await this.#pause(life, 5000);
      const redrive = { executionArn, clientToken: name };
      await this.#insist(life, () => life.ask('RedriveExecution', redrive), ['ExecutionNotRedrivable']);
    }
    wish.isDone = true;
  }

  async #startExpress(life: Reachable, input: string): Promise<void> {
    await life.ask('StartExecution', { stateMachineArn: machineArnOf(EXPRESS_MACHINE.machine), input }).then(
      () => {
        this.express += 1;
      },
      () => undefined,
    );
  }

  /** A person who thinks for up to two minutes, and gives signs of life meanwhile. */
  async #work(life: Reachable, taskToken: string, n: number): Promise<void> {
    for (let beats = this.random.below(12); beats > 0; beats--) {
      await this.#pause(life, 10_000);
      const isOver = await life.ask('SendTaskHeartbeat', { taskToken }).then(() => false, isTaskOver);
      if (isOver && !this.#sent.has(taskToken))
        this.report(`The token of ${n} was gone at a heartbeat, although its worker was never silent for long.`);
    }
    await this.#pause(life, 10_000);
    this.#sent.add(taskToken);
    const answer = { taskToken, output: JSON.stringify({ answered: n }) };
    await this.#insist(life, () => life.ask('SendTaskSuccess', answer), ['TaskTimedOut']);
    this.#answered.add(taskToken);
    const again = await life.ask('SendTaskSuccess', answer).catch((fault: unknown) => fault);
    if (!(again instanceof Error)) this.report(`The token of ${n} was answered twice.`);
  }

  /** Asks until it is acknowledged; refusals of the given names are taken for it. */
  async #insist<T>(life: Reachable, ask: () => Promise<T>, codes: readonly string[] = []): Promise<T | null> {
    for (;;) {
      try {
        return await ask();
      } catch (fault) {
        if (fault instanceof ApiError) {
          if (codes.includes(fault.code)) return null;
          throw fault;
        }
        await this.#pause(life, 3000);
      }
    }
  }

  #pause(life: Reachable, msMax: number): Promise<void> {
    return new Promise((then) => life.clock.after(this.random.below(msMax * this.pace), then));
  }

  #watch(work: Promise<void>): void {
    work.catch((fault: unknown) =>
      this.report(fault instanceof Error ? (fault.stack ?? fault.message) : String(fault)),
    );
  }
}

const isTaskOver = (fault: unknown): boolean => fault instanceof ApiError && fault.code === 'TaskTimedOut';
