import { parseArn } from '../../arn.js';
import {
  EVENT_AGE_SECONDS_MAX,
  EVENT_AGE_SECONDS_MIN,
  EVENT_TARGET_INPUT_CHARS_MAX,
  TARGET_RETRIES_MAX,
} from '../../limits/services.js';
import { type JsonValue, parseJson, writeJson } from '../../payload/index.js';
import type { DeliveryPolicy } from '../target-deliveries.js';
import { invalidEvents } from './fault.js';
import { checkTransformer, type TransformContext, transformInput } from './input-transformer.js';
import { parseJsonPath } from './json-path.js';

export interface InputTransformer {
  readonly inputPathsMap: Readonly<Record<string, string>>;
  readonly inputTemplate: string;
}

/** A target of a rule, as it is kept. Null where nothing was given. */
export interface Target {
  readonly id: string;
  readonly arn: string;
  readonly roleArn: string | null;
  readonly input: string | null;
  readonly inputPath: string | null;
  readonly inputTransformer: InputTransformer | null;
  readonly messageGroupId: string | null;
  readonly deadLetterArn: string | null;
  readonly retriesMax: number | null;
  readonly ageSecondsMax: number | null;
}

/** Services whose ARNs can be targets here, with what their resources begin with. */
const TARGETS: Readonly<Record<string, RegExp>> = {
  lambda: /^function:/,
  states: /^stateMachine:/,
  sqs: /^[^:]+$/,
  sns: /^[^:]+$/,
  events: /^event-bus\//,
};

/** Throws EventsFault for a target that AWS refuses, or that Treadle does not deliver to. */
export function checkTarget(target: Target): void {
  const arn = parseArn(target.arn);
  if (arn === null)
    throw invalidEvents('Parameter TargetArn is not valid. Reason: Provided Arn is not in correct format.');
  if (!TARGETS[arn.service]?.test(arn.resource)) {
    throw invalidEvents(
      `Treadle does not deliver events to ${target.arn}. Expected the ARN of a function, a state machine, a queue, a topic or an event bus.`,
    );
  }
  checkInputs(target);
  const isFifo = arn.service === 'sqs' && arn.resource.endsWith('.fifo');
  if (isFifo && target.messageGroupId === null) {
    throw invalidEvents(`Parameter(s) MessageGroupId must be specified for target: ${target.id}.`);
  }
  if (!isFifo && target.messageGroupId !== null) {
    throw invalidEvents(`Parameter(s) SqsParameters not valid for target: ${target.id}: it is no FIFO queue.`);
  }
  if (target.deadLetterArn !== null && parseArn(target.deadLetterArn)?.service !== 'sqs') {
    throw invalidEvents(`Parameter DeadLetterConfig.Arn is not valid. Reason: Expected the ARN of a queue.`);
  }
  checkRange('MaximumRetryAttempts', target.retriesMax, 0, TARGET_RETRIES_MAX);
  checkRange('MaximumEventAgeInSeconds', target.ageSecondsMax, EVENT_AGE_SECONDS_MIN, EVENT_AGE_SECONDS_MAX);
}

function checkRange(name: string, value: number | null, min: number, max: number): void {
  if (value === null || (Number.isInteger(value) && value >= min && value <= max)) return;
  throw invalidEvents(
    `Parameter ${name} is not valid. Reason: Expected a number from ${min} to ${max}, but it is ${value}.`,
  );
}

function checkInputs({ id, input, inputPath, inputTransformer }: Target): void {
  const given = [input, inputPath, inputTransformer].filter((part) => part !== null);
  if (given.length > 1) {
    throw invalidEvents(`Only one of Input, InputPath, or InputTransformer must be provided for target ${id}.`);
  }
  if (input !== null) {
    if (input.length > EVENT_TARGET_INPUT_CHARS_MAX) {
      throw invalidEvents(`Expected at most ${EVENT_TARGET_INPUT_CHARS_MAX} characters as Input of target ${id}.`);
    }
    try {
      parseJson(input);
    } catch {
      throw invalidEvents(`JSON syntax error in input for target ${id}: it is not JSON.`);
    }
  }
  if (inputPath !== null && inputPath !== '' && parseJsonPath(inputPath) === null) {
    throw invalidEvents(`Parameter InputPath is not valid. Reason: ${inputPath} is not a JSON path.`);
  }
  if (inputTransformer !== null) checkTransformer(id, inputTransformer);
}

/** The text that the target gets for an event. */
export function inputFor(target: Target, context: TransformContext): string {
  if (target.input !== null) return target.input;
  if (target.inputTransformer !== null) return transformInput(target.inputTransformer, context);
  if (target.inputPath === null || target.inputPath === '') return writeJson(context.event);
  const found: JsonValue = parseJsonPath(target.inputPath)?.read(context.event) ?? null;
  return writeJson(found);
}

export const policyOf = ({ retriesMax, ageSecondsMax, deadLetterArn }: Target): DeliveryPolicy => ({
  retriesMax: retriesMax ?? TARGET_RETRIES_MAX,
  ageSecondsMax: ageSecondsMax ?? EVENT_AGE_SECONDS_MAX,
  deadLetterArn,
});
