import type { Action } from '../api/port.js';
import {
  Activities,
  type ExecutionActionsOptions,
  StateMachines,
  StoredExecutions,
  statesService,
} from '../api/states/index.js';
import {
  type Clock,
  EmbeddedHost,
  ExpressStarts,
  expressRunner,
  type Recovery,
  type SeedSource,
  TransientHost,
} from '../host/index.js';
import { mapData, noObjects } from '../integrations/map-data/index.js';
import type { Cancellation, TaskAnswer, TaskCall } from '../integrations/port.js';
import { startExecution } from '../integrations/start-execution.js';
import { expressPolicy, standardPolicy } from '../interpreter/index.js';
import { AWS_QUOTAS } from '../limits.js';
import { timeOrderedNames } from '../server/execution-names.js';
import { executionStarter } from '../server/execution-starter.js';
import { ActivityQueue } from '../services/activity-queue.js';
import { Performed } from '../services/performed.js';
import type { Store } from '../store/ports.js';
import { type FaultyStore, faultyStore, type StoreFaults } from '../testing/faulty-store.js';
import type { VirtualClock } from '../testing/virtual-clock.js';
import { answerOf, type Outside } from './functions.js';
import { PLACE } from './machines.js';
import { mortalStore } from './mortal-store.js';

export interface LifeOptions {
  /** What survives. */
  readonly store: Store;
  readonly clock: VirtualClock;
  readonly outside: Outside;
  readonly faults: StoreFaults;
  readonly seed: SeedSource;
  /** How long a function takes, in ms. */
  readonly callMs: () => number;
  /** A fault of ours. */
  readonly report: (problem: string) => void;
}

/** One process from its start to its death: engine and API as the server puts them together. */
export interface Life {
  readonly host: EmbeddedHost;
  readonly clock: Clock;
  readonly faulty: FaultyStore;
  readonly recovery: () => Recovery | null;
  /** One operation of Step Functions' API. Throws as it does; never settles after the death. */
  ask(operation: string, input: object): Promise<Record<string, unknown>>;
  /** SIGKILL. */
  die(): void;
}

export async function beginLife(options: LifeOptions): Promise<Life> {
  const { seed, report } = options;
  const inner = mortalStore(options.store);
  const faulty = faultyStore(inner, {
    ...options.faults,
    delay: (fraction) => new Promise((then) => options.clock.after(Math.floor(fraction * DELAY_MS_MAX), then)),
  });
  const store = mortalStore(faulty);
  let isDead = false;
  const clock: Clock = {
    now: () => options.clock.now(),
    after: (ms, then) =>
      options.clock.after(ms, () => {
        if (!isDead) then();
      }),
  };
  let states: ExecutionActionsOptions | null = null;
  const perform = performerOf(options, clock, {
    states: () => started(states),
    isDead: () => isDead,
  });
  const machines = new StateMachines(store.records, clock.now, AWS_QUOTAS);
  const around = { performer: { perform }, clock, seed };
  const transient = new TransientHost(around);
  const policy = { ...standardPolicy(AWS_QUOTAS), activities: await Activities.open(store.records, clock.now) };
  const host = await EmbeddedHost.open({
    ...around,
    store,
    revisions: machines,
    mapData: mapData(noObjects),
    express: expressRunner(transient, expressPolicy(AWS_QUOTAS)),
    policy,
    onQuarantine: (arn, fault) => {
      if (!isDead) report(`${arn} was set aside: ${fault.stack ?? fault.message}`);
    },
  });
  const newName = timeOrderedNames(seed, clock.now);
  const express = new ExpressStarts({
    records: store.records,
    revisions: machines,
    host: transient,
    policy: expressPolicy(AWS_QUOTAS),
    clock,
    newId: newName,
    report,
  });
  states = {
    host,
    transient,
    express,
    machines,
    activities: policy.activities,
    executions: new StoredExecutions(store.executions, machines),
    queue: new ActivityQueue(store.records, clock),
    store: store.executions,
    records: store.records,
    now: clock.now,
    groupExists: async () => false,
    newName,
    quotas: AWS_QUOTAS,
    performed: new Performed(store.records, clock, 'states.performed'),
  };
  const { actions } = statesService({ ...around, ...states, policy, mapDataOf: () => mapData(noObjects) });
  let recovery: Recovery | null = null;
  recover(host, express, clock, (found) => {
    recovery = found;
  });
  return {
    host,
    clock,
    faulty,
    recovery: () => recovery,
    ask: (operation, input) => call(actions, operation, input),
    die: () => {
      isDead = true;
      store.die();
      inner.die();
    },
  };
}

interface Process {
  readonly states: () => ExecutionActionsOptions;
  readonly isDead: () => boolean;
}

/** Functions answer after a while; nested executions are started as the server starts them. */
function performerOf({ outside, callMs }: LifeOptions, clock: Clock, { states, isDead }: Process) {
  const starter = startExecution(executionStarter(states), clock);
  return async (call: TaskCall, cancellation: Cancellation): Promise<TaskAnswer> => {
    if (isDead()) return await new Promise(() => undefined);
    if (call.resourceType === 'states') return await starter.perform(call, cancellation);
    const answer = answerOf(call, outside);
    await new Promise<void>((then) => {
      cancellation.signal.addEventListener('abort', () => then(), { once: true });
      if (answer !== null) clock.after(callMs(), then);
    });
    return answer ?? { type: 'failed', error: 'Aborted', cause: '' };
  };
}

/** A delayed commit takes up to so long. */
const DELAY_MS_MAX = 2000;

/** As a supervisor starts a server again whose start fails: the store may refuse its reads. */
function recover(host: EmbeddedHost, express: ExpressStarts, clock: Clock, done: (found: Recovery) => void): void {
  const attempt = async (): Promise<Recovery> => {
    const found = await host.recover();
    await express.recover();
    return found;
  };
  attempt().then(done, () => clock.after(1000, () => recover(host, express, clock, done)));
}

async function call(
  actions: ReadonlyMap<string, Action>,
  operation: string,
  input: object,
): Promise<Record<string, unknown>> {
  const action = actions.get(operation);
  if (action === undefined) throw new Error(`Expected an operation of Step Functions, but got ${operation}.`);
  const answer = await action({ place: PLACE, input, requestId: 'any', signal: new AbortController().signal });
  return answer as Record<string, unknown>; // members by their names
}

function started(states: ExecutionActionsOptions | null): ExecutionActionsOptions {
  if (states === null) throw new Error('Broken invariant: a task was performed before its host was open');
  return states;
}
