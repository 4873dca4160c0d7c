import type { FollowedRecord } from '../api/treadle/index.js';
import { CliError } from './cli-error.js';
import type { CliContext } from './context.js';
import type { ServerClient } from './server-client.js';
import { endStatusOf, FollowView } from './views/follow-view.js';

/** Streams that broke off in a row before giving up; each goes on after the last record that was seen. */
const RECONNECTS_MAX = 5;

/**
 * Prints an execution's records as they come, until it ends. False when the person stopped watching.
 * Throws CliError when the server goes away.
 */
export async function followExecution(
  context: CliContext,
  client: ServerClient,
  { executionArn, json }: { readonly executionArn: string; readonly json: boolean },
): Promise<boolean> {
  const view = new FollowView(context.terminal.colors);
  let after = 0;
  for (let breaks = 0; breaks <= RECONNECTS_MAX; breaks++) {
    for await (const record of recordsAfter(context, client, { executionArn, after })) {
      after = record.seq;
      breaks = 0;
      const line = json ? JSON.stringify({ type: 'record', ...recordWithoutType(record) }) : view.line(record);
      if (line !== null) context.terminal.line(line);
      if (endStatusOf(record) !== null) return true;
    }
    if (context.interrupted.aborted) return false;
  }
  throw new CliError(
    `Expected the server to say how ${executionArn} ends, but the stream broke off. See: treadle show ${executionArn}`,
  );
}

const recordWithoutType = ({ type, ...record }: FollowedRecord): object => ({ event: type, ...record });

async function* recordsAfter(
  context: CliContext,
  client: ServerClient,
  { executionArn, after }: { readonly executionArn: string; readonly after: number },
): AsyncGenerator<FollowedRecord> {
  try {
    for await (const message of client.stream(
      '/api/executions/follow',
      { arn: executionArn, after },
      context.interrupted,
    )) {
      if (message.event === 'record') yield JSON.parse(message.data) as FollowedRecord; // the border: a server of this release
    }
  } catch (error) {
    if (error instanceof CliError) throw error;
    // The connection broke, or the person pressed Ctrl-C: the caller looks which.
  }
}
