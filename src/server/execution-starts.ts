import { ApiError } from '../api/port.js';
import type { StateMachines } from '../api/states/index.js';
import { readMachineArn } from '../api/states/names.js';
import type { EmbeddedHost } from '../host/index.js';
import { PAYLOAD_BYTES_MAX } from '../limits.js';
import { JsonSyntaxError, type Payload, parsePayload } from '../payload/index.js';
import type { Executions, StartOutcome } from '../services/ports.js';

/** Starts executions for events and schedules. A name that is taken is a start that was made before. */
export function executionStarts(host: Pick<EmbeddedHost, 'start'>, machines: StateMachines): Executions {
  return {
    async start(machineArn, text, name) {
      const input = inputOf(text);
      if (!('text' in input)) return input;
      try {
        const { arn, qualifier } = readMachineArn(machineArn);
        const target = await machines.resolve(arn, qualifier, Math.random());
        const revision = await machines.load(target.revision);
        if (revision === null) throw new Error(`Broken invariant: there is no revision ${target.revision}`);
        const version = target.version?.number ?? null;
        await host.start({ revision, name, input, version, alias: target.alias?.name ?? null });
        return { type: 'started' };
      } catch (fault) {
        if (fault instanceof ApiError) return refused(fault.code, fault.message);
        throw fault;
      }
    },
  };
}

const refused = (code: string, message: string): StartOutcome => ({ type: 'refused', code, message });

function inputOf(text: string): Payload | StartOutcome {
  const bytes = Buffer.byteLength(text);
  if (bytes > PAYLOAD_BYTES_MAX) {
    return refused(
      'ValidationException',
      `Expected an input of at most ${PAYLOAD_BYTES_MAX} bytes, but it has ${bytes}.`,
    );
  }
  try {
    return parsePayload(text);
  } catch (fault) {
    if (!(fault instanceof JsonSyntaxError)) throw fault;
    return refused('InvalidExecutionInput', `Invalid State Machine Execution Input: '${fault.message}'`);
  }
}
