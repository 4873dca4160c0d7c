// Lives and deaths of a server under load, and what must be true after the last one.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { requestIdOf } from '../../dist/integrations/sdk.js';
import { Clients } from '../../dist/simulation/clients.js';
import { checkEverything } from '../../dist/simulation/invariants.js';
import { EXPRESS_MACHINE, KINDS } from '../../dist/simulation/machines.js';
import { Reads } from '../../dist/store/sqlite/reads.js';
import { openForReading } from '../../dist/store/sqlite/schema.js';
import { SeededRandom } from '../../dist/testing/seeded-random.js';
import { createFunctions, ledgerOf, tokensOf } from './functions.mjs';
import { losePower } from './power-loss.mjs';
import { createMachine, startServer } from './server.mjs';

/** People think for a fiftieth of the time that they take in the simulation. */
const PACE = 0.02;
const LIFE_MS = { min: 50, max: 700 };
/** A timer fires soon after it is due. */
const LATE_MS = 5000;
const REST_MS_MAX = 180_000;

/** What was broken; prints the figures. */
export async function chaos({ folder, kills, powerLosses, seed, startsPerLife }) {
  const run = new Run({ folder, random: new SeededRandom(seed), startsPerLife });
  const deaths = kills + powerLosses;
  console.log(`${kills} kills and ${powerLosses} power losses, seed ${seed}`);
  await run.prepare();
  for (let death = 0; death < deaths && run.problems.length === 0; death++)
    await run.live({ losesPower: death >= kills });
  if (run.problems.length === 0) await run.rest();
  run.print();
  return run.problems;
}

class Run {
  problems = [];
  #data;
  #notes;
  #random;
  #startsPerLife;
  #wishes = [];
  #clients;
  #readyMs = [];
  #figures = { kills: 0, powerLosses: 0, bytesLost: 0, tornPages: 0, resumed: 0, callsMadeAgain: 0, events: 0 };

  constructor({ folder, random, startsPerLife }) {
    this.#data = join(folder, 'data');
    this.#notes = join(folder, 'notes');
    this.#random = random;
    this.#startsPerLife = startsPerLife;
    for (const path of [this.#data, this.#notes]) mkdirSync(path);
    this.#clients = new Clients(this.#wishes, random, (problem) => this.problems.push(problem), PACE);
  }

  async prepare() {
    const server = await startServer(this.#data);
    await createFunctions(server, this.#notes);
    for (const kind of [...KINDS, { ...EXPRESS_MACHINE, type: 'EXPRESS' }]) await createMachine(server, kind);
    await server.stop();
  }

  /** Clients go on and new ones come until the server dies at a random moment. */
  async live({ losesPower }) {
    const server = await this.#begin();
    for (let start = 0; start < this.#startsPerLife; start++) this.#wishes.push(this.#wish());
    this.#clients.begin(server, 0);
    const { min, max } = LIFE_MS;
    await this.#serve(server, min + this.#random.below(max - min));
    await server.kill();
    this.#heed(server);
    if (!losesPower) this.#figures.kills += 1;
    else {
      const { bytesLost, tornPages } = losePower(this.#data, this.#random);
      this.#figures.powerLosses += 1;
      this.#figures.bytesLost += bytesLost;
      this.#figures.tornPages += tornPages;
    }
  }

  /** The last life: everything comes to its end, and is looked at. */
  async rest() {
    const server = await this.#begin();
    this.#clients.begin(server, 0);
    const until = performance.now() + REST_MS_MAX;
    while (!(await this.#isQuiet(server)) && this.problems.length === 0) {
      if (performance.now() > until) {
        const late = this.#wishes.filter(({ isStarted, isDone }) => !isStarted || !isDone).map(({ name }) => name);
        this.problems.push(
          `Not at rest after ${REST_MS_MAX / 1000} s; clients still wait for: ${late.join(', ') || 'none'}`,
        );
        break;
      }
      await this.#serve(server, 100);
    }
    const database = openForReading(join(this.#data, 'treadle.db'));
    try {
      this.#figures.events = await checkEverything({
        ask: server.ask,
        store: storeOf(new Reads(database)),
        wishes: this.#wishes,
        calls: new Set(ledgerOf(this.#notes)),
        idOf: (key) => requestIdOf({ key }),
        now: Date.now() - LATE_MS,
        report: (problem) => this.problems.push(problem),
      });
    } finally {
      database.close();
    }
    await server.stop();
    this.#heed(server);
  }

  print() {
    const calls = ledgerOf(this.#notes);
    const ready = this.#readyMs.toSorted((a, b) => a - b);
    const figures = {
      ...this.#figures,
      executions: this.#wishes.length,
      express: this.#clients.express,
      tasks: new Set(calls).size,
      callsRepeated: calls.length - new Set(calls).size,
      recoveryMsP50: Math.round(ready[ready.length >> 1] ?? 0),
      recoveryMsMax: Math.round(ready.at(-1) ?? 0),
      problems: this.problems.length,
    };
    for (const [name, number] of Object.entries(figures)) console.log(`  ${name.padEnd(16)} ${number}`);
  }

  async #begin() {
    const server = await startServer(this.#data);
    this.#readyMs.push(server.readyMs);
    this.#figures.resumed += server.recovered.executions;
    this.#figures.callsMadeAgain += server.recovered.commands;
    return server;
  }

  async #serve(server, ms) {
    for (const until = performance.now() + ms; performance.now() < until; ) {
      this.#clients.takeTokens(server, tokensOf(this.#notes));
      await sleep(Math.min(50, Math.max(1, until - performance.now())));
    }
  }

  async #isQuiet(server) {
    if (!this.#clients.isDone) return false;
    for (const { machine } of KINDS) {
      const stateMachineArn = `arn:aws:states:us-east-1:000000000000:stateMachine:${machine}`;
      const { executions } = await server.ask('ListExecutions', { stateMachineArn, statusFilter: 'RUNNING' });
      if (executions.length > 0) return false;
    }
    const health = await (await fetch(`${server.endpoint}/_treadle/health`)).json();
    return health.executions.running === 0 && health.queue.tasksInFlight === 0;
  }

  /** A server says nothing on stderr unless something is wrong. */
  #heed(server) {
    if (server.complaints() !== '') this.problems.push(`The server complained: ${server.complaints().slice(0, 2000)}`);
  }

  #wish() {
    const n = this.#wishes.length;
    const items = Array.from({ length: this.#random.below(5) }, (_, item) => n * 100 + item);
    const input = { n, failures: this.#random.below(2), pause: this.#random.below(3), items };
    const kind = this.#random.pick(KINDS);
    return { kind, name: `e-${n}`, input, afterMs: this.#random.below(LIFE_MS.max), isStarted: false, isDone: false };
  }
}

/** What lies in the folder, read beside the server. */
function storeOf(reads) {
  return {
    executions: {
      load: async (execution, { from }) => reads.answer({ type: 'load', execution, from }),
      list: async (query) => reads.answer({ type: 'list', query }),
      outbox: async (query) => reads.answer({ type: 'outbox', ...query }),
      timers: async (query) => reads.answer({ type: 'timers', ...query }),
    },
    records: { scan: async (query) => reads.answer({ type: 'scan', query }) },
  };
}
