import { ApiError } from '../api/port.js';
import type { OpenWaitRow, OpenWaitsPage, OpenWaitsQuery, WaitAnswer } from '../api/treadle/index.js';
import { type EmbeddedHost, OPEN_WAITS, type OpenWait } from '../host/index.js';
import { errorDetails } from '../interpreter/index.js';
import { JsonSyntaxError, type Payload, parsePayload } from '../payload/index.js';
import type { RecordStore } from '../store/ports.js';

/** Tasks that wait for somebody to answer their token, for the person who can answer in their stead. */
export class OpenWaitsView {
  constructor(
    private readonly records: Pick<RecordStore, 'get' | 'scan'>,
    private readonly host: Pick<EmbeddedHost, 'awaitedTask' | 'deliver'>,
  ) {}

  /** Those of the oldest executions first. */
  async page({ limit, after }: OpenWaitsQuery): Promise<OpenWaitsPage> {
    const rows = await this.records.scan({ collection: OPEN_WAITS, prefix: '', after, limit: limit + 1 });
    const waits = rows.slice(0, limit).map(({ key, value }) => rowOf(key, JSON.parse(value) as OpenWait)); // our own text
    return { waits, next: rows.length > limit ? (waits.at(-1)?.id ?? null) : null };
  }

  /** Durable when it resolves. */
  async answer({ id, ...answer }: WaitAnswer): Promise<void> {
    const text = await this.records.get(OPEN_WAITS, id);
    const { execution, task } = text === null ? { execution: 0, task: 0 } : (JSON.parse(text) as OpenWait);
    const awaited = text === null ? null : await this.host.awaitedTask(execution, task);
    if (awaited === null) {
      throw new ApiError(
        'NoOpenWait',
        `Expected the id of an open wait, but nothing waits under '${id}' (any more). GET /_treadle/api/tokens lists them.`,
        404,
      );
    }
    if ('output' in answer) {
      await this.host.deliver(execution, { type: 'TaskSucceeded', task, output: outputOf(answer.output) });
      return;
    }
    const details = errorDetails({ error: answer.error, cause: answer.cause ?? undefined });
    await this.host.deliver(execution, { type: 'TaskFailed', task, phase: 'call', ...details });
  }
}

const rowOf = (id: string, { execution: _, task: __, ...shown }: OpenWait): OpenWaitRow => ({ id, ...shown });

function outputOf(text: string): Payload {
  try {
    return parsePayload(text);
  } catch (fault) {
    if (!(fault instanceof JsonSyntaxError)) throw fault;
    throw new ApiError('BadRequest', `Expected 'output' to be JSON text, but ${fault.message}.`);
  }
}
