import { describe, expect, it } from 'vitest';
import { COMMIT_FAULTS, type CommitFault } from '../testing/faulty-store.js';
import { KINDS, simulate } from './index.js';

/** `SIMULATION_SEEDS=1000 npx vitest run src/simulation`, or `npm run chaos -- --simulate --minutes 10`. */
const SEEDS = Number(process.env.SIMULATION_SEEDS ?? 15);
const QUIET = { crash: 0, clockStep: 0, pause: 0 };

describe('executions on virtual time', () => {
  it('end as they must, through faults of the store, crashes, pauses and a clock that is set', async () => {
    const happened = new Map<string, number>();
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { problems, faults, crashes, clockSteps, pauses, repeatedCalls } = await simulate({ seed });
      expect(problems, `seed ${seed}`).toEqual([]);
      for (const [name, count] of Object.entries({ ...faults, crashes, clockSteps, pauses, repeatedCalls })) {
        happened.set(name, (happened.get(name) ?? 0) + count);
      }
    }
    expect(Math.min(...happened.values()), JSON.stringify([...happened])).toBeGreaterThan(0);
  });

  it('are the same again with the same seed, and others with another', async () => {
    const first = await simulate({ seed: 77 });
    expect(await simulate({ seed: 77 })).toEqual(first);
    expect({ ...(await simulate({ seed: 78 })), seed: 77 }).not.toEqual(first);
  });

  it('end as they must when the clock is set and the process stands still all the time', async () => {
    const trouble = { crash: 0.002, clockStep: 0.01, pause: 0.001 };
    for (const seed of [1, 2, 3]) expect((await simulate({ seed, trouble })).problems, `seed ${seed}`).toEqual([]);
  });
});

/** Each was found by the simulation, in the form that the engine had before. */
describe('what seeds have found', () => {
  it.each([
    [
      1,
      'a nested start failed its task for good when the store did not take it; a stop of a nested execution was forgotten',
    ],
    [
      2,
      'a worker was told that its task does not exist when the store did not answer; a look for timers ended the process',
    ],
    [3, 'a clock set forth by half an hour timed out every task with heartbeats'],
    [4, 'a start that the store refused left an open wait of an execution that does not exist'],
    [24, 'a commit that was written without an answer left its StopCallee to the next start'],
  ])('seed %i: %s', async (seed) => {
    expect((await simulate({ seed })).problems).toEqual([]);
  });
});

describe('a fault at every commit of a run', () => {
  const run = (planned: ReadonlyMap<number, CommitFault>) =>
    simulate({ seed: 5, executions: KINDS.length, kinds: 'in turn', trouble: QUIET, faults: { planned } });

  it.each(COMMIT_FAULTS)('%s: every execution ends all the same', async (fault) => {
    const { commits, problems } = await run(new Map());
    expect(problems).toEqual([]);
    expect(commits).toBeGreaterThan(50);
    let struck = 0;
    for (let commit = 0; commit < commits; commit++) {
      const report = await run(new Map([[commit, fault]]));
      expect(report.problems, `${fault} at commit ${commit}`).toEqual([]);
      struck += report.faults[fault];
    }
    expect(struck).toBeGreaterThan(commits / 2);
  });
});
