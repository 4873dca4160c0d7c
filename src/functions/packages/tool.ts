import { spawn } from 'node:child_process';
import { FUNCTION_INSTALL_LINES_SHOWN, FUNCTION_INSTALL_OUTPUT_CHARS_KEPT } from '../../limits.js';

export interface ToolRun {
  /** As in messages: `npm ci`. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly folder: string;
  readonly timeoutMs: number;
  /** Ends the tool. */
  readonly signal: AbortSignal;
}

/** How a tool ended: null when all went well, else a reason with its last lines. */
export function runTool({ name, command, args, folder, timeoutMs, signal }: ToolRun): Promise<string | null> {
  return new Promise((resolve) => {
    let output = '';
    let ended: string | null = null;
    // A process group of its own, so that what the tool has started goes with it.
    const child = spawn(command, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    const end = (why: string): void => {
      ended ??= why;
      if (child.pid !== undefined) killGroup(child.pid);
    };
    const onAbort = (): void => end('was stopped with the server');
    const timer = setTimeout(() => end(`was not done after ${timeoutMs / 1000} s`), timeoutMs);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8');
      stream.on('data', (text: string) => {
        output = (output + text).slice(-FUNCTION_INSTALL_OUTPUT_CHARS_KEPT);
      });
    }
    const finish = (why: string | null): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      resolve(why === null ? null : `${name} ${why}${hint(output)}${tail(output)}`);
    };
    child.on('error', (error: NodeJS.ErrnoException) =>
      finish(error.code === 'ENOENT' ? `cannot be started: there is no '${command}' on the PATH` : error.message),
    );
    child.on('close', (code, killed) => finish(ended ?? (code === 0 ? null : `ended with ${code ?? killed}`)));
  });
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // it has just ended
  }
}

const NO_NETWORK =
  /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ENETUNREACH|ETIMEDOUT|NewConnectionError|NameResolutionError|Temporary failure in name resolution|Connection refused|ProxyError/;

const hint = (output: string): string =>
  NO_NETWORK.test(output)
    ? ', for the registry could not be reached (is there a network?). Install the packages beside the handler, or deploy again later'
    : '';

function tail(output: string): string {
  const lines = output.split(/[\r\n]+/).filter((line) => line.trim() !== '');
  return lines.length === 0 ? '' : `:\n${lines.slice(-FUNCTION_INSTALL_LINES_SHOWN).join('\n')}`;
}
