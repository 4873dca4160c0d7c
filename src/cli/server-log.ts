import { appendFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { SERVER_LOG_FILE_BYTES_MAX, SERVER_LOG_FILES_KEPT, SERVER_LOG_LINE_CHARS_MAX } from '../limits/services.js';

export type LogFormat = 'text' | 'json';

export interface ServerLogOptions {
  /** `json`: an object per line with `time`, `level` and `message`. */
  readonly format: LogFormat;
  /** Absolute path; null = to `write`. */
  readonly file: string | null;
  readonly write: (line: string) => void;
  readonly now: () => number;
}

/** Where a server's warnings and faults go, line by line. */
export function serverLog({ format, file, write, now }: ServerLogOptions): (line: string) => void {
  const sink = file === null ? write : logFile(file);
  return (line) => {
    const message = line.slice(0, SERVER_LOG_LINE_CHARS_MAX);
    const time = new Date(now()).toISOString();
    if (format === 'json') sink(JSON.stringify({ time, level: 'warn', message }));
    else sink(file === null ? message : `${time} ${message}`);
  };
}

/**
 * Appends to a file of bounded size: a full one becomes `.1`, that one `.2`, and the oldest goes. A disk that takes nothing must not
 * stop the server: the line is lost then.
 */
function logFile(path: string): (line: string) => void {
  return (line) => {
    const text = `${line}\n`;
    try {
      const bytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
      if (bytes > 0 && bytes + Buffer.byteLength(text) > SERVER_LOG_FILE_BYTES_MAX) rotate(path);
      appendFileSync(path, text, { mode: 0o600 });
    } catch {
      // The next line is tried again.
    }
  };
}

function rotate(path: string): void {
  rmSync(`${path}.${SERVER_LOG_FILES_KEPT}`, { force: true });
  for (let number = SERVER_LOG_FILES_KEPT - 1; number >= 1; number--) {
    if (statSync(`${path}.${number}`, { throwIfNoEntry: false }))
      renameSync(`${path}.${number}`, `${path}.${number + 1}`);
  }
  renameSync(path, `${path}.1`);
}
