// Commits that go on while something else is done, and how long they take.

import { report } from './states-server.mjs';

const ENTRIES_PER_COMMIT = 500;
const MACHINE = 'arn:aws:states:us-east-1:000000000000:stateMachine:bench';
const SEGMENT = JSON.stringify({ events: 'x'.repeat(585) });
const LISTS = { outboxAdd: [], outboxRemove: [], timersAdd: [], timersRemove: [] };
const NOTHING = { start: null, status: null, snapshot: null, ...LISTS };
/** When those of `fillEnded` ended. */
export const OLD = 1000;

let nextId = 1;

export async function fillEnded(store, count) {
  for (let left = count; left > 0; left -= ENTRIES_PER_COMMIT)
    await store.commit({ entries: Array.from({ length: ENTRIES_PER_COMMIT }, () => ended(OLD)).flat(), writes: [] });
}

/** An execution of three segments. */
function ended(stopAt) {
  const execution = nextId++;
  const name = `e${String(execution).padStart(12, '0')}`;
  const start = { machine: MACHINE, name, startAt: stopAt - 1, revision: 'revision-1', version: null, alias: null };
  const segment = (firstSeq) => ({ ...NOTHING, execution, firstSeq, data: SEGMENT });
  return [{ ...segment(1), start }, segment(7), { ...segment(13), status: { status: 'SUCCEEDED', stopAt } }];
}

/** Clients that commit one execution after the other. */
export class Foreground {
  constructor(store, clients) {
    this.store = store;
    this.clients = clients;
  }

  for(name, milliseconds) {
    const until = performance.now() + milliseconds;
    return this.#run(name, () => performance.now() < until);
  }

  /** Until `work` is done; its result. */
  async beside(name, work) {
    let isOver = false;
    const done = work.finally(() => {
      isOver = true;
    });
    await Promise.all([done, this.#run(name, () => !isOver)]);
    return done;
  }

  async #run(name, goesOn) {
    const times = [];
    const client = async () => {
      while (goesOn()) {
        const from = performance.now();
        await this.store.commit({ entries: ended(Date.now()), writes: [] });
        times.push(performance.now() - from);
      }
    };
    const from = performance.now();
    await Promise.all(Array.from({ length: this.clients }, client));
    report(name, times);
    console.log(`${' '.repeat(20)} ${(times.length / ((performance.now() - from) / 1000)).toFixed(0)} commits/s`);
  }
}
