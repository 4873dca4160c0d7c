import {
  baseRevision,
  childRevision,
  EmbeddedHost,
  expressRunner,
  type Revision,
  TransientHost,
} from '../host/index.js';
import { mapData, noObjects, type ObjectReader, type ObjectWriter } from '../integrations/map-data/index.js';
import type { TaskAnswer, TaskCall } from '../integrations/port.js';
import { EXPRESS_POLICY, type HistoryRecord } from '../interpreter/index.js';
import { parseDefinition } from '../language/index.js';
import { Payload } from '../payload/index.js';
import { readHistory } from '../store/histories.js';
import { type Store, StoreUnavailable } from '../store/ports.js';
import { TEST_IDENTITY } from './transcript.js';
import { VirtualClock } from './virtual-clock.js';

/** A distributed Map `M` over these states; `fields` are its own. */
export function distributed(states: Readonly<Record<string, object>>, fields: object = {}, type = 'STANDARD'): object {
  const [StartAt] = Object.keys(states);
  const ProcessorConfig = { Mode: 'DISTRIBUTED', ExecutionType: type };
  return { Type: 'Map', Label: 'L', ItemProcessor: { ProcessorConfig, StartAt, States: states }, End: true, ...fields };
}

export const call = (more: object = { End: true }): object => ({
  Type: 'Task',
  Resource: 'arn:aws:lambda:us-east-1:000000000000:function:f',
  ...more,
});

export interface World {
  readonly store: Store;
  readonly clock: VirtualClock;
  readonly revision: Revision;
  readonly objects: ObjectReader & ObjectWriter;
  /** Every call by its execution's name and what it was given; answers are made of the call alone. */
  readonly calls: TaskCall[];
  readonly answer: (call: TaskCall) => Promise<TaskAnswer>;
  /** 32 bits, over all hosts of the world: ids are made of them. */
  readonly draw: () => number;
}

export function newWorld(states: Readonly<Record<string, object>>, world: Partial<World> & { store: Store }): World {
  const [StartAt] = Object.keys(states);
  const { definition, diagnostics } = parseDefinition(JSON.stringify({ StartAt, States: states }), {
    type: 'STANDARD',
  });
  if (definition === null) throw new Error(JSON.stringify(diagnostics));
  const { stateMachineArn: machineArn, stateMachineName: machineName, roleArn } = TEST_IDENTITY;
  return {
    clock: new VirtualClock(),
    draw: draws(),
    objects: noObjects,
    calls: [],
    answer: async ({ parameters }) => ({ type: 'succeeded', output: parameters }),
    revision: { id: 'r1', machineArn, machineName, roleArn, definition },
    ...world,
  };
}

function draws(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state;
  };
}

export async function openHost(world: World): Promise<EmbeddedHost> {
  const { store, clock, revision, calls, objects } = world;
  const performer = {
    perform: async (request: TaskCall) => {
      calls.push(request);
      return world.answer(request);
    },
  };
  const seed = (): [number, number, number, number] => [world.draw(), world.draw(), world.draw(), world.draw()];
  const host = await EmbeddedHost.open({
    store,
    revisions: {
      load: async (id) => {
        const { label } = baseRevision(id);
        return label === null ? revision : childRevision(revision, label);
      },
    },
    performer,
    mapData: mapData(objects),
    express: expressRunner(new TransientHost({ performer, clock, seed }), EXPRESS_POLICY),
    clock,
    seed,
    onQuarantine: (arn, fault) => {
      throw new Error(`${arn} was set aside: ${fault.message}`);
    },
  });
  await host.recover();
  return host;
}

export const settle = async (turns: number): Promise<void> => {
  for (let i = 0; i < turns; i++) await new Promise((next) => setImmediate(next));
};

export async function recordsOf({ store, revision }: World): Promise<readonly HistoryRecord[]> {
  const row = await store.executions.find(revision.machineArn, 'e1');
  return row === null ? [] : readHistory(store.executions, row.execution);
}

export const start = (host: EmbeddedHost, { revision }: World, input: string): Promise<unknown> =>
  host.start({ revision, name: 'e1', input: Payload.ofText(input) }).catch((fault: unknown) => {
    if (!(fault instanceof StoreUnavailable)) throw fault;
  });

const isOver = (records: readonly HistoryRecord[]): boolean => /^Execution(?!Started)/.test(records.at(-1)?.type ?? '');

/** Runs `e1` to its end; `crash` says when the host is dropped and another opened on the same store. */
export async function live(
  world: World,
  input: string,
  crash: () => boolean = () => false,
): Promise<{ readonly host: EmbeddedHost; readonly records: readonly HistoryRecord[] }> {
  let host = await openHost(world);
  await start(host, world, input);
  for (let turn = 0; turn < 3000; turn++) {
    await settle(5);
    const records = await recordsOf(world);
    if (isOver(records)) return { host, records };
    if (records.length === 0) await start(host, world, input);
    if (crash()) {
      await host.close();
      host = await openHost(world);
    } else if (turn % 3 === 2) world.clock.advance();
  }
  const types = (await recordsOf(world)).map(({ type }) => type);
  throw new Error(`Expected the execution to end, but it did not: ${types.slice(-4)} ${JSON.stringify(host.load)}`);
}

/** Output, or error and cause, of an execution that has ended. */
export function outcome(records: readonly HistoryRecord[]): unknown {
  const last = records.at(-1);
  if (last?.type === 'ExecutionSucceeded') return JSON.parse(last.details.output.text);
  return last?.type === 'ExecutionFailed' ? [last.details.error, last.details.cause] : last?.type;
}

export function runArns(records: readonly HistoryRecord[]): readonly string[] {
  return records.flatMap((record) => (record.type === 'MapRunStarted' ? [record.details.mapRunArn] : []));
}
