import { LOG_TAIL_BYTES_MAX } from '../limits.js';

/** Where functions' log lines come by, as they are written. */
export interface LogLines {
  /** Returns what ends it. */
  onLine(listener: (line: { readonly requestId: string; readonly text: string }) => void): () => void;
}

/** Does `work` and gives the last 4 KB that the call `requestId` logged meanwhile, as base64 (Lambda's LogType Tail). */
export async function withLogTail<T>(
  lines: LogLines,
  requestId: string,
  work: () => Promise<T>,
): Promise<{ readonly answer: T; readonly logResult: string }> {
  let tail = Buffer.alloc(0);
  let reported = (): void => undefined;
  const report = new Promise<void>((resolve) => {
    reported = resolve;
  });
  const stop = lines.onLine((line) => {
    if (line.requestId !== requestId) return;
    tail = Buffer.concat([tail, Buffer.from(`${line.text}\n`)]).subarray(-LOG_TAIL_BYTES_MAX);
    if (line.text.startsWith('REPORT ')) reported();
  });
  try {
    const answer = await work();
    if (tail.length > 0) await withinMs(report, REPORT_WAIT_MS);
    return { answer, logResult: tail.toString('base64') };
  } finally {
    stop();
  }
}

/** The answer comes a moment before the last line of the log. */
const REPORT_WAIT_MS = 250;

async function withinMs(awaited: Promise<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([awaited, late]);
  clearTimeout(timer);
}
