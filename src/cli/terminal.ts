import pc from 'picocolors';

/** Where a command writes. The tests hand in one that keeps what was written. */
export interface Terminal {
  /** One line to stdout. */
  line(text: string): void;
  /** One line to stderr. */
  problem(text: string): void;
  /** Somebody watches: prompts and live views make sense. */
  readonly isInteractive: boolean;
  /** Width in characters; Infinity where nobody watches, so that nothing is cut in a file or a pipe. */
  readonly columns: number;
  readonly colors: Colors;
}

export type Colors = ReturnType<typeof pc.createColors>;

/** The terminal of this process. Colours follow NO_COLOR, FORCE_COLOR and whether somebody watches. */
export function processTerminal(): Terminal {
  // Whoever reads (`| head`) has seen enough: that is no fault of ours.
  process.stdout.on('error', (fault: NodeJS.ErrnoException) => process.exit(fault.code === 'EPIPE' ? 0 : 1));
  return {
    line: (text) => void process.stdout.write(`${text}\n`),
    problem: (text) => void process.stderr.write(`${text}\n`),
    isInteractive: process.stdout.isTTY === true && process.stdin.isTTY === true,
    columns: process.stdout.isTTY === true ? process.stdout.columns : Number.POSITIVE_INFINITY,
    colors: pc.createColors(pc.isColorSupported && process.stdout.isTTY === true),
  };
}
