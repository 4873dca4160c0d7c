import { ApiError } from '../api/port.js';
import { FollowBuffer, type FunctionRow, type LogLine, type LogsPage, type LogsQuery } from '../api/treadle/index.js';
import { type FunctionLogLine, FunctionRefusal, type Functions } from '../functions/index.js';
import { PAGE_ITEMS_MAX } from '../limits.js';

type ShownLine = Pick<FunctionLogLine, 'at' | 'requestId' | 'stream' | 'text'>;

/** Functions and their logs as people see them. */
export class FunctionsView {
  constructor(private readonly functions: Functions) {}

  rows(): readonly FunctionRow[] {
    return this.functions.all().map((found) => ({
      arn: found.arn,
      name: found.name,
      runtime: found.runtime,
      handler: found.handler,
      timeoutSeconds: found.timeoutSeconds,
      memoryMegabytes: found.memoryMb,
      modifiedAt: found.lastModifiedAt,
    }));
  }

  /** After a place, the lines that follow it; without one, the newest. */
  async logs({ function: name, requestId, after, limit }: LogsQuery): Promise<LogsPage> {
    const from = { name, ...(requestId !== null && { requestId }) };
    if (after !== null) {
      const page = await this.#read({ ...from, after, limit });
      return { lines: page.lines.map(shownLine), next: page.cursor };
    }
    let newest: readonly ShownLine[] = [];
    for (let cursor: string | undefined; ; ) {
      const page = await this.#read({ ...from, ...(cursor !== undefined && { after: cursor }), limit: PAGE_ITEMS_MAX });
      newest = [...newest, ...page.lines].slice(-limit);
      if (page.cursor === cursor || page.lines.length === 0) return { lines: newest.map(shownLine), next: page.cursor };
      cursor = page.cursor;
    }
  }

  /** The lines after a place and those to come, without end until `signal` aborts. */
  async followLogs(
    { function: name, requestId, after }: Omit<LogsQuery, 'limit'>,
    signal: AbortSignal,
  ): Promise<AsyncIterable<LogLine>> {
    const { arn } = this.#known(name);
    const buffer = new FollowBuffer<LogLine>();
    const place = after ?? (await this.logs({ function: name, requestId, after: null, limit: 1 })).next;
    const source = { place, isReading: false, isWanted: false };
    const read = async (): Promise<void> => {
      source.isWanted = true;
      if (source.isReading) return;
      source.isReading = true;
      while (source.isWanted && !signal.aborted) {
        source.isWanted = false;
        const page = await this.logs({ function: name, requestId, after: source.place, limit: PAGE_ITEMS_MAX });
        for (const line of page.lines) buffer.push(line);
        if (page.lines.length > 0) source.isWanted = true;
        source.place = page.next;
      }
      source.isReading = false;
    };
    // A line is announced when it is printed and read when it is written, a moment later.
    const stop = this.functions.onLine((line) => {
      if (line.functionArn === arn) setTimeout(() => read().catch(() => buffer.end()), WRITTEN_AFTER_MS).unref();
    });
    signal.addEventListener(
      'abort',
      () => {
        stop();
        buffer.end();
      },
      { once: true },
    );
    await read();
    return buffer;
  }

  #known(name: string) {
    try {
      return this.functions.get(name);
    } catch (fault) {
      throw asApiError(fault);
    }
  }

  async #read(query: Parameters<Functions['logs']>[0]) {
    try {
      return await this.functions.logs(query);
    } catch (fault) {
      throw asApiError(fault);
    }
  }
}

/** Lines are written together after 10 ms. */
const WRITTEN_AFTER_MS = 60;

const asApiError = (fault: unknown): unknown =>
  fault instanceof FunctionRefusal ? new ApiError(fault.code, fault.message, 404) : fault;

const shownLine = ({ at, requestId, stream, text }: ShownLine): LogLine => ({
  at,
  requestId: requestId === '' ? null : requestId,
  stream,
  text,
});
