import { writeJson } from '../../payload/index.js';

/** One child of a Map run as results show it. Texts are JSON; times are epoch milliseconds. */
export interface ChildResult {
  readonly executionArn: string;
  readonly stateMachineArn: string;
  readonly name: string;
  readonly status: 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED' | 'PENDING';
  readonly input: string;
  /** Of a child that succeeded. */
  readonly output?: string;
  /** Of a child that did not. */
  readonly error?: string;
  readonly cause?: string;
  /** Absent while the child is pending. */
  readonly startedAt?: number;
  readonly stoppedAt?: number;
  readonly redriveCount?: number;
  readonly redriveStatus?: 'REDRIVABLE' | 'NOT_REDRIVABLE' | 'REDRIVABLE_BY_MAP_RUN';
  readonly redriveStatusReason?: string;
}

/** `NONE` in AWS's words: a child's result with everything about its execution, members sorted as AWS writes them. */
export function resultEntry(child: ChildResult): string {
  const members: readonly (readonly [string, string | undefined])[] = [
    ['Cause', jsonOf(child.cause)],
    ['Error', jsonOf(child.error)],
    ['ExecutionArn', writeJson(child.executionArn)],
    ['Input', writeJson(child.input)],
    ['InputDetails', INCLUDED],
    ['Name', writeJson(child.name)],
    ['Output', jsonOf(child.output)],
    ['OutputDetails', INCLUDED],
    ['RedriveCount', child.redriveCount === undefined ? undefined : String(child.redriveCount)],
    ['RedriveStatus', jsonOf(child.redriveStatus)],
    ['RedriveStatusReason', jsonOf(child.redriveStatusReason)],
    ['StartDate', dateOf(child.startedAt)],
    ['StateMachineArn', writeJson(child.stateMachineArn)],
    ['Status', writeJson(child.status)],
    ['StopDate', dateOf(child.stoppedAt)],
  ];
  const present = members.filter(([, text]) => text !== undefined);
  return `{${present.map(([name, text]) => `"${name}":${text}`).join(',')}}`;
}

const INCLUDED = '{"Included":true}';
const jsonOf = (text: string | undefined): string | undefined => (text === undefined ? undefined : writeJson(text));
const dateOf = (at: number | undefined): string | undefined =>
  at === undefined ? undefined : `"${new Date(at).toISOString()}"`;
