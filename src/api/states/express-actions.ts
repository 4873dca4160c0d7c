import { expressIdentity, TransientHostFull, type TransientRun } from '../../host/index.js';
import { type Execution, expressPolicy } from '../../interpreter/index.js';
import type { Payload } from '../../payload/index.js';
import type { Action, ApiCall } from '../port.js';
import {
  type ExecutionActionsOptions,
  type ReadStart,
  rateExceeded,
  readStart,
  START_MEMBERS,
  typeNotSupported,
} from './execution-input.js';
import { INCLUDED_DATA, readMembers } from './members.js';

/** AWS bills in steps of these; Treadle does not measure memory and shows the smallest. */
const BILLED_MS_STEP = 100;
const BILLED_MEGABYTES = 64;

export function expressActions(options: ExecutionActionsOptions): Readonly<Record<string, Action>> {
  return { StartSyncExecution: (call) => startSyncExecution(options, call) };
}

/** The execution is durable when this resolves; one start is one execution, also of the same name. */
export function startExpress(
  { express }: ExecutionActionsOptions,
  { revision, name, input, traceHeader }: ReadStart & { readonly traceHeader: string | null },
): Promise<{ readonly arn: string; readonly startedAt: number }> {
  return express.start({ revision, name, input, traceHeader }).catch(throttled);
}

/** A client that goes away does not stop the execution. */
async function startSyncExecution(options: ExecutionActionsOptions, call: ApiCall): Promise<object> {
  const members = readMembers(call.input, { ...START_MEMBERS, includedData: INCLUDED_DATA });
  const { stateMachineArn, includedData } = members;
  const traceHeader = call.traceHeader ?? members.traceHeader;
  const { type, revision, name, input } = await readStart(options, {
    stateMachineArn,
    name: members.name,
    input: members.input,
  });
  if (type !== 'EXPRESS') throw typeNotSupported();
  const identity = expressIdentity(revision, name, options.newName());
  const policy = expressPolicy(options.quotas);
  const run = { revision, identity, input, policy, traceHeader: traceHeader ?? null };
  const execution = await runOrThrottle(() => options.transient.run(run)).ended;
  const hasData = includedData !== 'METADATA_ONLY';
  return {
    executionArn: identity.arn,
    stateMachineArn: revision.machineArn,
    name,
    startDate: execution.startedAt / 1000,
    stopDate: execution.at / 1000,
    status: execution.status,
    ...execution.failure,
    ...dataMembers('input', execution.input, hasData),
    ...dataMembers('output', execution.output, hasData),
    ...(traceHeader !== undefined && { traceHeader }),
    billingDetails: billingDetails(execution),
  };
}

/** The details are there even where the data is not: recorded of failures. */
const dataMembers = (name: 'input' | 'output', payload: Payload | null, hasData: boolean): object => ({
  ...(payload !== null && hasData && { [name]: payload.text }),
  [`${name}Details`]: { included: hasData },
});

function billingDetails({ startedAt, at }: Execution): object {
  const steps = Math.max(1, Math.ceil((at - startedAt) / BILLED_MS_STEP));
  return { billedDurationInMilliseconds: steps * BILLED_MS_STEP, billedMemoryUsedInMB: BILLED_MEGABYTES };
}

function runOrThrottle(run: () => TransientRun): TransientRun {
  try {
    return run();
  } catch (fault) {
    return throttled(fault);
  }
}

function throttled(fault: unknown): never {
  throw fault instanceof TransientHostFull ? rateExceeded() : fault;
}
