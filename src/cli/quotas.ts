import { AWS_QUOTAS, HIGHEST_QUOTAS, type Quotas } from '../limits.js';
import { suggestion } from '../templates/suggestion.js';

/** A setting's name is the quota's without `Max`. */
export const quotaNames: readonly string[] = Object.keys(AWS_QUOTAS).map((key) => key.replace(/Max$/, ''));

/** `before` with one `name=value` applied. Throws a text that says what was expected. */
export function withQuota(before: Quotas, setting: string): Quotas {
  const [name = '', value, ...rest] = setting.split('=');
  if (value === undefined || rest.length > 0) {
    throw new Error(`Expected name=value, but got '${setting}'. Example: payloadBytes=1048576`);
  }
  const key = keyOf(name);
  if (key === null) {
    throw new Error(
      `Expected the name of a quota, but '${name}' is none.${suggestion(name, quotaNames)} There are ${quotaNames.join(', ')}.`,
    );
  }
  const [least, most] = [AWS_QUOTAS[key], HIGHEST_QUOTAS[key]];
  if (!/^\d+$/.test(value)) throw new Error(`Expected a whole number for ${name}, but got '${value}'.`);
  if (Number(value) < least) {
    throw new Error(`Expected at least ${least} for ${name}, AWS's own quota, but got ${value}: quotas go up only.`);
  }
  if (Number(value) > most) throw new Error(`Expected at most ${most} for ${name}, but got ${value}.`);
  return { ...before, [key]: Number(value) };
}

/** Settings as $TREADLE_QUOTAS has them: `name=value`, separated by commas. */
export const quotasOf = (text: string): Quotas =>
  text
    .split(',')
    .map((setting) => setting.trim())
    .filter((setting) => setting !== '')
    .reduce(withQuota, AWS_QUOTAS);

function keyOf(name: string): keyof Quotas | null {
  const key = `${name}Max`;
  return Object.hasOwn(AWS_QUOTAS, key) ? (key as keyof Quotas) : null; // just looked up
}
