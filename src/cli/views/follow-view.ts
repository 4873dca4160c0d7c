import type { FollowedRecord } from '../../api/treadle/index.js';
import type { ExecutionStatus } from '../../interpreter/execution.js';
import type { Colors } from '../terminal.js';
import { failureText } from './cause-text.js';
import { durationText } from './durations.js';

interface OpenState {
  readonly name: string;
  readonly enteredAt: number;
}

/** States that are entered and left in one decision need one line, not two. */
const LASTING = /^(?:Task|Wait|Parallel|Map)StateEntered$/;
const FAILED_CALL = /^(?:Task|LambdaFunction)(?:Failed|TimedOut|StartFailed|SubmitFailed|ScheduleFailed)$/;
const NAME_COLUMNS = 32;

const ENDS: Readonly<Record<string, ExecutionStatus>> = {
  ExecutionSucceeded: 'SUCCEEDED',
  ExecutionFailed: 'FAILED',
  ExecutionTimedOut: 'TIMED_OUT',
  ExecutionAborted: 'ABORTED',
};

/** How the record ends its execution; null when it does not. */
export const endStatusOf = (record: FollowedRecord): ExecutionStatus | null => ENDS[record.type] ?? null;

/**
 * Turns records, in order, into the lines that somebody who watches wants to see: states entered and left with their
 * durations, failed calls, retries, the end.
 */
export class FollowView {
  readonly #open = new Map<number, OpenState>();
  /** `[2] ` for what happens inside of the iteration with index 2, by frame. */
  readonly #prefixes = new Map<number, string>();
  #startedAt = 0;

  constructor(private readonly colors: Colors) {}

  /** The line for the record; null when it needs none. */
  line(record: FollowedRecord): string | null {
    if (record.type === 'ExecutionStarted') this.#startedAt = record.at;
    if (record.type === 'MapIterationStarted') this.#prefixes.set(record.seq, `[${numberOf(record, 'index')}] `);
    if (record.type.endsWith('StateEntered')) return this.#entered(record);
    if (record.type.endsWith('StateExited')) return this.#exited(record);
    if (FAILED_CALL.test(record.type)) return this.#failed(record);
    if (record.type === 'RetryScheduled') return this.#said(record, '↻', 'waits to be tried again');
    if (record.type.endsWith('StateAborted')) return this.#said(record, '■', 'stopped');
    return endStatusOf(record) === null ? null : this.#ended(record);
  }

  #entered(record: FollowedRecord): string | null {
    const name = textOf(record, 'name');
    this.#open.set(record.frame, { name, enteredAt: record.at });
    return LASTING.test(record.type) ? `  ${this.colors.cyan('→')} ${this.#name(record, name)}`.trimEnd() : null;
  }

  #exited(record: FollowedRecord): string {
    const open = this.#open.get(record.frame);
    this.#open.delete(record.frame);
    const name = this.#name(record, textOf(record, 'name')).padEnd(NAME_COLUMNS);
    const spent = durationText(record.at - (open?.enteredAt ?? record.at));
    return `  ${this.colors.green('✓')} ${name} ${this.colors.dim(spent)}`;
  }

  #failed(record: FollowedRecord): string {
    const what = failureText(textOf(record, 'error'), textOf(record, 'cause')) || 'failed';
    return this.#said(record, this.colors.red('✗'), this.colors.red(what));
  }

  #said(record: FollowedRecord, sign: string, what: string): string {
    const name = this.#name(record, this.#open.get(record.frame)?.name ?? '').padEnd(NAME_COLUMNS);
    return `  ${sign} ${name} ${what}`;
  }

  #ended(record: FollowedRecord): string {
    const status = endStatusOf(record) ?? 'RUNNING';
    const why = failureText(textOf(record, 'error'), textOf(record, 'cause'));
    const spent = `in ${durationText(record.at - this.#startedAt)}`;
    return `${statusText(status, this.colors)} ${spent}${why === '' ? '' : `  ${this.colors.red(why)}`}`;
  }

  #name(record: FollowedRecord, name: string): string {
    return `${this.#prefixes.get(record.frame) ?? ''}${name}`;
  }
}

/** The status with its sign and colour. */
export function statusText(status: ExecutionStatus, colors: Colors): string {
  switch (status) {
    case 'RUNNING':
      return colors.cyan('● RUNNING');
    case 'SUCCEEDED':
      return colors.green('✓ SUCCEEDED');
    case 'FAILED':
      return colors.red('✗ FAILED');
    case 'TIMED_OUT':
      return colors.red('✗ TIMED_OUT');
    case 'ABORTED':
      return colors.yellow('■ ABORTED');
    default:
      return status satisfies never;
  }
}

function textOf(record: FollowedRecord, member: string): string {
  const value = record.details?.[member];
  return typeof value === 'string' ? value : '';
}

function numberOf(record: FollowedRecord, member: string): number {
  const value = record.details?.[member];
  return typeof value === 'number' ? value : 0;
}
