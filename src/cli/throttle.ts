import { THROTTLED_ACTIONS, type ThrottleSettings } from '../limits/throttling.js';
import { THROTTLE_BUCKET_MAX } from '../limits.js';
import { suggestion } from '../templates/suggestion.js';
import { usageError } from './cli-error.js';

/** Null: nothing is throttled. Settings of the command line win over the environment's. */
export function throttleOf(
  settings: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): ThrottleSettings | null {
  const outside = (environment.TREADLE_THROTTLE ?? '').split(',').map((text) => text.trim());
  const all = [...outside, ...settings].filter((text) => text !== '');
  if (all.length === 0) return null;
  return all.reduce(withSetting, { isAws: false, buckets: {} });
}

/** `aws`, or `<action>=<calls at once>/<calls a second>`. */
function withSetting(before: ThrottleSettings, text: string): ThrottleSettings {
  if (text === 'aws') return { ...before, isAws: true };
  const [, name = '', size, perSecond] = /^([^=]+)=(\d{1,9})\/(\d{1,9})$/.exec(text) ?? [];
  if (size === undefined || perSecond === undefined) {
    throw usageError(
      `Expected 'aws' or an action with its calls at once and a second, but got '${text}'. Example: StartExecution=100/10`,
    );
  }
  if (name !== '*' && !THROTTLED_ACTIONS.includes(name)) {
    throw usageError(
      `Expected an action of Step Functions or *, but got '${name}'.${suggestion(name, THROTTLED_ACTIONS)}`,
    );
  }
  if (Number(size) < 1 || Number(size) > THROTTLE_BUCKET_MAX || Number(perSecond) > THROTTLE_BUCKET_MAX) {
    throw usageError(
      `Expected 1 to ${THROTTLE_BUCKET_MAX} calls at once and 0 to ${THROTTLE_BUCKET_MAX} a second for ${name}, but got ${size}/${perSecond}.`,
    );
  }
  return { ...before, buckets: { ...before.buckets, [name]: { size: Number(size), perSecond: Number(perSecond) } } };
}
