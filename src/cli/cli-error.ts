import { EXIT, type ExitCode } from './exit-codes.js';

/** Something that the person at the terminal can mend: printed as one message, without a stack. */
export class CliError extends Error {
  override readonly name: string = 'CliError';
  constructor(
    message: string,
    readonly exitCode: ExitCode = EXIT.failed,
    /** The server's error name where there is one. */
    readonly code: string | null = null,
  ) {
    super(message);
  }
}

export const usageError = (message: string): CliError => new CliError(message, EXIT.usage);
