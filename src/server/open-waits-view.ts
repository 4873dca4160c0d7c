import { randomUUID } from 'node:crypto';
import { ApiError } from '../api/port.js';
import type { OpenWaitRow, OpenWaitsPage, OpenWaitsQuery, WaitAnswer } from '../api/treadle/index.js';
import { type EmbeddedHost, OPEN_WAITS, type OpenWait } from '../host/index.js';
import { type AwaitsTask, canBeSentAgain, errorDetails } from '../interpreter/index.js';
import { OPEN_WAITS_SCANNED_MAX, PAGE_ITEMS_MAX, SENDS_AGAIN_MAX } from '../limits.js';
import { JsonSyntaxError, type Payload, parsePayload } from '../payload/index.js';
import type { RecordStore } from '../store/ports.js';

/** As history names the worker where a person has answered a task that no worker had. */
const PERSON = 'treadle tokens';

/** Tasks that wait for somebody to answer their token, or for a worker, for the person who can answer in their stead. */
export class OpenWaitsView {
  readonly #host: Pick<EmbeddedHost, 'awaitedTask' | 'deliver'>;

  constructor(
    private readonly records: Pick<RecordStore, 'get' | 'scan'>,
    engine: { readonly host: Pick<EmbeddedHost, 'awaitedTask' | 'deliver'> },
  ) {
    this.#host = engine.host;
  }

  /** The oldest first. */
  async page({ machine, limit, after }: OpenWaitsQuery): Promise<OpenWaitsPage> {
    const waits: OpenWaitRow[] = [];
    let last = after;
    for (let scanned = 0; scanned < OPEN_WAITS_SCANNED_MAX; ) {
      const size = machine === null ? limit + 1 : PAGE_ITEMS_MAX;
      const rows = await this.records.scan({ collection: OPEN_WAITS, prefix: '', after: last, limit: size });
      for (const { key, value } of rows) {
        if (waits.length === limit) return { waits, next: last };
        last = key;
        const wait = JSON.parse(value) as OpenWait; // our own text
        if (machine === null || isOf(machine, wait)) waits.push(rowOf(key, wait));
      }
      if (rows.length < size) return { waits, next: null };
      scanned += rows.length;
    }
    return { waits, next: last };
  }

  /** Durable when it resolves. */
  async answer({ id, ...answer }: WaitAnswer): Promise<void> {
    const { execution, task, awaited } = await this.#find(id);
    const output = 'output' in answer ? outputOf(answer.output) : null;
    // An activity's history has a worker before it has an end.
    if (awaited.resourceType === 'activity' && awaited.token === null) {
      await this.#host.deliver(execution, { type: 'ActivityStarted', task, token: randomUUID(), workerName: PERSON });
    }
    if ('output' in answer) {
      if (output !== null) await this.#host.deliver(execution, { type: 'TaskSucceeded', task, output });
      return;
    }
    const details = errorDetails({ error: answer.error, cause: answer.cause ?? undefined });
    await this.#host.deliver(execution, { type: 'TaskFailed', task, phase: 'call', ...details });
  }

  /** Durable when it resolves; the call itself may still be under way. */
  async sendAgain(id: string): Promise<void> {
    const { execution, task, awaited } = await this.#find(id);
    const obstacle = obstacleOf(awaited);
    if (obstacle !== null) throw new ApiError('NotSendable', obstacle, 409);
    await this.#host.deliver(execution, { type: 'SendTaskAgain', task });
  }

  async #find(id: string): Promise<Pick<OpenWait, 'execution' | 'task'> & { readonly awaited: Readonly<AwaitsTask> }> {
    const text = await this.records.get(OPEN_WAITS, id);
    const { execution, task } = text === null ? { execution: 0, task: 0 } : (JSON.parse(text) as OpenWait);
    const awaited = text === null ? null : await this.#host.awaitedTask(execution, task);
    if (awaited !== null) return { execution, task, awaited };
    throw new ApiError(
      'NoOpenWait',
      `Expected the id of an open wait, but nothing waits under '${id}' (any more). GET /_treadle/api/tokens lists them.`,
      404,
    );
  }
}

/** Why the call is not made anew; null where it is. */
function obstacleOf(awaited: Readonly<AwaitsTask>): string | null {
  if (awaited.resourceType === 'activity') {
    return awaited.token === null
      ? 'Expected a message that was sent, but the task stands in line for a worker of its activity: it cannot get lost.'
      : 'Expected a message that was sent, but a worker has the task. Answer it, or wait until it times out.';
  }
  if (awaited.sends >= SENDS_AGAIN_MAX) {
    return `Expected a wait whose call was made anew fewer than ${SENDS_AGAIN_MAX} times. Answer it instead.`;
  }
  return canBeSentAgain(awaited) ? null : 'Expected a call that is over, but it is still under way. Ask again later.';
}

const isOf = (machine: string, { stateMachineArn }: OpenWait): boolean =>
  stateMachineArn === machine || stateMachineArn.split(':').at(-1) === machine;

const rowOf = (id: string, { execution: _, task: __, ...shown }: OpenWait): OpenWaitRow => ({ id, ...shown });

function outputOf(text: string): Payload {
  try {
    return parsePayload(text);
  } catch (fault) {
    if (!(fault instanceof JsonSyntaxError)) throw fault;
    throw new ApiError('BadRequest', `Expected 'output' to be JSON text, but ${fault.message}.`);
  }
}
