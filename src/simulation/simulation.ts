import type { Seed } from '../interpreter/index.js';
import type { Store } from '../store/ports.js';
import type { StoreFault, StoreFaults } from '../testing/faulty-store.js';
import { memoryStore } from '../testing/memory-store.js';
import { SeededRandom } from '../testing/seeded-random.js';
import { VirtualClock } from '../testing/virtual-clock.js';
import { Clients, type Wish } from './clients.js';
import { newOutside, type Outside } from './functions.js';
import { checkEverything } from './invariants.js';
import { beginLife, type Life } from './life.js';
import { EXPRESS_MACHINE, KINDS, ROLE } from './machines.js';

export interface SimulationOptions {
  readonly seed: number;
  /** 60 unless given. */
  readonly executions?: number;
  /** One of each kind after the other; by chance unless given. */
  readonly kinds?: 'in turn';
  /** Faults of the store; usual ones unless given. */
  readonly faults?: Omit<StoreFaults, 'seed'>;
  /** Chances of each kind of trouble at each step of the clock. */
  readonly trouble?: Trouble;
}

export interface Trouble {
  readonly crash: number;
  /** The clock is set forth or back by up to an hour. */
  readonly clockStep: number;
  /** The process stands still for a minute. */
  readonly pause: number;
}

export interface SimulationReport {
  readonly seed: number;
  /** What was broken; empty when nothing was. */
  readonly problems: readonly string[];
  readonly executions: number;
  readonly events: number;
  readonly calls: number;
  /** Calls that were made again. */
  readonly repeatedCalls: number;
  readonly crashes: number;
  readonly clockSteps: number;
  readonly pauses: number;
  readonly commits: number;
  readonly faults: Readonly<Record<StoreFault, number>>;
  /** Of virtual time. */
  readonly elapsedMs: number;
}

const USUAL_FAULTS: Omit<StoreFaults, 'seed'> = {
  rejectedBefore: 0.03,
  rejectedAfter: 0.03,
  conflict: 0.02,
  delayed: 0.15,
  noSpace: 0.003,
  rejectedRead: 0.02,
};
const USUAL_TROUBLE: Trouble = { crash: 0.006, clockStep: 0.002, pause: 0.002 };

/** After so many steps of the clock nothing more can come: something was lost. */
const STEPS_MAX = 200_000;
/** New executions come in this time. */
const STARTS_MS = 10 * 60_000;
const PAUSE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** Executions of which nobody hears by then are lost. The longest of them takes a few minutes, and waits of clocks set back an hour. */
const ELAPSED_MS_MAX = 5 * 86_400_000;

/** Many executions under faults, crashes and a clock that somebody sets; everything from one seed. */
export async function simulate(options: SimulationOptions): Promise<SimulationReport> {
  return await new Simulation(options).run();
}

class Simulation {
  readonly #random: SeededRandom;
  readonly #store: Store = memoryStore();
  readonly #clock = new VirtualClock();
  readonly #outside: Outside = newOutside();
  readonly #problems: string[] = [];
  readonly #clients: Clients;
  readonly #beganAt: number;
  readonly #counts = { crashes: 0, clockSteps: 0, pauses: 0, commits: 0 };
  readonly #faults: Record<StoreFault, number> = {
    rejectedBefore: 0,
    rejectedAfter: 0,
    conflict: 0,
    delayed: 0,
    noSpace: 0,
    rejectedRead: 0,
  };

  constructor(private readonly options: SimulationOptions) {
    this.#random = new SeededRandom(options.seed);
    this.#beganAt = this.#clock.elapsed;
    const wishes = Array.from({ length: options.executions ?? 60 }, (_, n) => this.#wish(n));
    this.#clients = new Clients(wishes, this.#random, (problem) => this.#report(problem));
  }

  async run(): Promise<SimulationReport> {
    await this.#createMachines();
    const life = await this.#liveThrough();
    const events = this.#problems.length > 0 ? 0 : await this.#check(life);
    this.#count(life);
    life.die();
    const calls = [...this.#outside.calls.values()];
    const made = calls.reduce((sum, count) => sum + count, 0);
    return {
      seed: this.options.seed,
      problems: this.#problems,
      executions: this.#clients.wishes.length + this.#clients.express,
      events,
      calls: calls.length,
      repeatedCalls: made - calls.length,
      ...this.#counts,
      faults: this.#faults,
      elapsedMs: this.#clock.elapsed - this.#beganAt,
    };
  }

  #check(life: Life): Promise<number> {
    return checkEverything({
      ask: life.ask,
      store: this.#store,
      wishes: this.#clients.wishes,
      calls: new Set([...this.#outside.calls.keys()].filter((key) => !key.includes(':express:'))), // they leave no history
      idOf: (key) => key,
      now: this.#clock.now(),
      report: (problem) => this.#report(problem),
    });
  }

  /** Until every client has what it wants and every execution has ended. Gives the last life, which meets no more faults. */
  async #liveThrough(): Promise<Life> {
    let life = await this.#begin();
    let isCalm = false;
    for (let step = 0; ; step++) {
      await settle();
      this.#clients.takeTokens(life, this.#outside.tokens);
      if (isCalm && this.#clients.isDone && (await this.#isQuiet())) return life;
      if (this.#problems.length > 0) return life;
      if (step > STEPS_MAX || this.#clock.elapsed - this.#beganAt > ELAPSED_MS_MAX) {
        this.#report(`Lost: ${await this.#describeOpen()}`);
        return life;
      }
      if (!isCalm && this.#clock.elapsed - this.#beganAt > 2 * STARTS_MS) {
        isCalm = true;
        life.faulty.calm();
      }
      const { crash, clockStep, pause } = this.options.trouble ?? USUAL_TROUBLE;
      const drawn = isCalm ? 1 : this.#random.fraction();
      if (drawn < crash) life = await this.#crash(life);
      else if (drawn < crash + clockStep) this.#stepClock();
      else if (drawn < crash + clockStep + pause) this.#pause();
      else this.#clock.advance();
    }
  }

  async #createMachines(): Promise<void> {
    const life = await this.#open({ seed: 0 });
    for (const { machine, definition, type } of [...KINDS, { ...EXPRESS_MACHINE, type: 'EXPRESS' }]) {
      await life.ask('CreateStateMachine', {
        name: machine,
        type,
        roleArn: ROLE,
        definition: JSON.stringify(definition),
      });
    }
    life.die();
  }

  #wish(n: number): Wish {
    const drawn = this.#random.pick(KINDS);
    const kind = this.options.kinds === undefined ? drawn : (KINDS[n % KINDS.length] ?? drawn);
    const below = (bound: number): number => this.#random.below(bound);
    const items = Array.from({ length: below(6) }, (_, item) => n * 100 + item);
    const input = { n, failures: below(3), pause: below(20), items };
    return {
      kind,
      name: `e-${n}`,
      input,
      afterMs: below(STARTS_MS),
      isStarted: false,
      isDone: false,
    };
  }

  async #begin(): Promise<Life> {
    const life = await this.#open({ ...(this.options.faults ?? USUAL_FAULTS), seed: this.#random.bits() });
    this.#clients.begin(life, this.#clock.elapsed - this.#beganAt);
    return life;
  }

  /** A start that fails is tried again, as a supervisor does. */
  async #open(faults: StoreFaults): Promise<Life> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await beginLife({
          store: this.#store,
          clock: this.#clock,
          outside: this.#outside,
          faults: { ...faults, seed: faults.seed + attempt },
          seed: () => this.#seed(),
          callMs: () => (this.#random.chance(0.5) ? 0 : this.#random.below(5000)),
          report: (problem) => this.#report(problem),
        });
      } catch (fault) {
        if (attempt > 20) throw fault;
      }
    }
  }

  async #crash(life: Life): Promise<Life> {
    this.#counts.crashes += 1;
    this.#count(life);
    life.die();
    this.#clock.goTo(this.#clock.now() + this.#random.below(30_000)); // it is down for a while
    return await this.#begin();
  }

  #stepClock(): void {
    this.#counts.clockSteps += 1;
    this.#clock.step(this.#random.pick([-1, 1]) * this.#random.below(HOUR_MS));
  }

  /** Everything that comes due meanwhile is late. */
  #pause(): void {
    this.#counts.pauses += 1;
    this.#clock.goTo(this.#clock.now() + PAUSE_MS);
  }

  #seed(): Seed {
    const bits = (): number => this.#random.bits();
    return [bits(), bits(), bits(), bits()];
  }

  async #isQuiet(): Promise<boolean> {
    const { executions, records } = this.#store;
    const running = await executions.list({ machine: null, status: 'RUNNING', after: null, limit: 1 });
    const express = await records.scan({ collection: 'express-start', prefix: '', after: null, limit: 1 });
    const outbox = await executions.outbox({ after: null, limit: 1 });
    const timers = await executions.timers({ before: Number.MAX_SAFE_INTEGER, after: null, limit: 1 });
    return running.length + express.length + outbox.length + timers.length === 0;
  }

  async #describeOpen(): Promise<string> {
    const running = await this.#store.executions.list({ machine: null, status: 'RUNNING', after: null, limit: 5 });
    const outbox = await this.#store.executions.outbox({ after: null, limit: 5 });
    const timers = await this.#store.executions.timers({ before: Number.MAX_SAFE_INTEGER, after: null, limit: 5 });
    const express = await this.#store.records.scan({ collection: 'express-start', prefix: '', after: null, limit: 5 });
    const wishes = this.#clients.wishes.filter(({ isStarted, isDone }) => !isStarted || !isDone);
    return JSON.stringify({
      running,
      outbox,
      timers,
      express,
      wishes: wishes.map(({ kind, ...wish }) => [kind.machine, wish]),
    });
  }

  #count(life: Life): void {
    this.#counts.commits += life.faulty.commits;
    for (const fault of Object.keys(this.#faults) as StoreFault[]) this.#faults[fault] += life.faulty.happened[fault];
  }

  #report(problem: string): void {
    this.#problems.push(problem);
  }
}

/** Until everything that waits for nothing but its turn has had it. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((next) => setImmediate(next));
}
