import { EVENT_AGE_SECONDS_MAX, EVENT_AGE_SECONDS_MIN, TARGET_RETRIES_MAX } from '../limits/services.js';
import { EventsFault } from '../services/events/fault.js';
import { checkTarget, type InputTransformer, type Target } from '../services/events/target.js';
import { jsonText } from './json-text.js';
import { refuse } from './problem.js';
import { allowOnly, integer, member, requiredText, type Section, section, text, texts } from './properties.js';

export const TARGET_MEMBERS = ['DeadLetterConfig', 'Input', 'InputPath', 'InputTransformer', 'RetryPolicy'];

/** Reads the members that targets of rules and events of functions have in common. Null: refused, which was noted. */
export function readTarget(
  from: Section,
  known: Pick<Target, 'id' | 'arn' | 'roleArn' | 'messageGroupId'>,
): Target | null {
  const input = member(from, 'Input');
  const target: Target = {
    ...known,
    input: input === null ? null : jsonText(input),
    inputPath: text(from, 'InputPath'),
    inputTransformer: readTransformer(from),
    ...readDelivery(from),
  };
  try {
    checkTarget(target);
    return target;
  } catch (fault) {
    if (!(fault instanceof EventsFault)) throw fault;
    refuse(from.findings, from.at, `Expected a target that EventBridge takes, but it says: ${fault.message}`);
    return null;
  }
}

function readTransformer(from: Section): InputTransformer | null {
  const transformer = section(from, 'InputTransformer');
  if (transformer === null) return null;
  allowOnly(transformer, ['InputPathsMap', 'InputTemplate']);
  const paths = section(transformer, 'InputPathsMap');
  return {
    inputPathsMap: paths === null ? {} : texts(paths),
    inputTemplate: requiredText(transformer, 'InputTemplate'),
  };
}

/** DeadLetterConfig and RetryPolicy. */
export function readDelivery(from: Section): Pick<Target, 'deadLetterArn' | 'retriesMax' | 'ageSecondsMax'> {
  const dead = section(from, 'DeadLetterConfig');
  if (dead !== null) allowOnly(dead, ['Arn']); // SAM's Type SQS would make a queue of its own
  const retry = section(from, 'RetryPolicy');
  if (retry !== null) allowOnly(retry, ['MaximumEventAgeInSeconds', 'MaximumRetryAttempts']);
  const age = { min: EVENT_AGE_SECONDS_MIN, max: EVENT_AGE_SECONDS_MAX };
  return {
    deadLetterArn: dead === null ? null : text(dead, 'Arn'),
    retriesMax: retry === null ? null : integer(retry, 'MaximumRetryAttempts', { min: 0, max: TARGET_RETRIES_MAX }),
    ageSecondsMax: retry === null ? null : integer(retry, 'MaximumEventAgeInSeconds', age),
  };
}
