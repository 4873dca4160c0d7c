import type { Place } from '../../arn.js';
import { type Bucket, bucketOf, EXPRESS_START, type ThrottleSettings } from '../../limits/throttling.js';
import type { ApiCall } from '../port.js';
import { type Gate, TokenBuckets } from '../throttle.js';
import { rateExceeded } from './execution-input.js';
import { readMachineArn } from './names.js';
import type { StateMachines } from './state-machines.js';

/** A call that was counted, for the metrics. */
export interface CountedCall {
  readonly place: Place;
  /** As the buckets are named. */
  readonly name: string;
  readonly bucket: Bucket;
  readonly isTaken: boolean;
}

export interface ThrottlingOptions {
  readonly settings: ThrottleSettings;
  readonly machines: Pick<StateMachines, 'find'>;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly counted: (call: CountedCall) => void;
}

/** Counts the calls of each account and Region as AWS does, and answers ThrottlingException to those beyond. */
export function statesThrottling({ settings, machines, now, counted }: ThrottlingOptions): Gate {
  const buckets = new TokenBuckets(now);
  return async (operation, call) => {
    const name = operation === 'StartExecution' ? await startName(machines, call) : operation;
    const { place } = call;
    const found = bucketOf(settings, name, place.region);
    if (found === null) return;
    const isTaken = buckets.take(`${place.account} ${place.region} ${name}`, found);
    counted({ place, name, bucket: found, isTaken });
    if (!isTaken) throw rateExceeded();
  };
}

/** Starts of Express machines have a bucket of their own; what names no machine counts as Standard and is refused afterwards. */
async function startName(machines: Pick<StateMachines, 'find'>, { input }: ApiCall): Promise<string> {
  const { stateMachineArn } = Object(input) as { readonly stateMachineArn?: unknown }; // an unchecked input
  if (typeof stateMachineArn !== 'string') return 'StartExecution';
  try {
    const machine = await machines.find(readMachineArn(stateMachineArn).arn);
    return machine?.type === 'EXPRESS' ? EXPRESS_START : 'StartExecution';
  } catch {
    return 'StartExecution';
  }
}
