/** The platform's lines of a call, as Lambda writes them. */

export const startLine = (requestId: string, version: string): string =>
  `START RequestId: ${requestId} Version: ${version}`;

export const endLine = (requestId: string): string => `END RequestId: ${requestId}`;

export interface CallReport {
  readonly requestId: string;
  readonly durationMs: number;
  readonly memoryMb: number;
  /** 0 = not known: the process ended before it was measured. */
  readonly memoryUsedMb: number;
  /** Set for the first call of a process. */
  readonly initMs: number | null;
  readonly status: 'success' | 'timeout' | 'error';
  /** Shown when the status is `error`. */
  readonly errorType: string;
}

export function reportLine(report: CallReport): string {
  const parts = [
    `REPORT RequestId: ${report.requestId}`,
    `Duration: ${report.durationMs.toFixed(2)} ms`,
    `Billed Duration: ${Math.ceil(report.durationMs)} ms`,
    `Memory Size: ${report.memoryMb} MB`,
    `Max Memory Used: ${Math.min(report.memoryUsedMb, report.memoryMb)} MB`,
  ];
  if (report.initMs !== null) parts.push(`Init Duration: ${report.initMs.toFixed(2)} ms`);
  if (report.status !== 'success') parts.push(`Status: ${report.status}`);
  if (report.status === 'error') parts.push(`Error Type: ${report.errorType}`);
  return parts.join('\t');
}
