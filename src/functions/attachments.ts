import { type Place, parseArn } from '../arn.js';
import {
  ASYNC_AGE_SECONDS_MAX,
  ASYNC_AGE_SECONDS_MIN,
  ASYNC_RETRIES_MAX,
  FUNCTION_POLICY_BYTES_MAX,
  FUNCTION_TAGS_MAX,
} from '../limits.js';
import type { EventInvokeConfig, FunctionExtras, PolicyStatement } from './extras.js';
import { FunctionRefusal, functionNotFound, invalidParameter } from './refusal.js';
import type { Registry } from './registry.js';

export type EventInvokeSettings = Omit<EventInvokeConfig, 'lastModifiedAt'>;

export const NO_SETTINGS: EventInvokeSettings = {
  retriesMax: null,
  ageSecondsMax: null,
  onSuccess: null,
  onFailure: null,
};

/** Where the outcome of an asynchronous call may go. */
const DESTINATION_SERVICES: readonly string[] = ['sqs', 'sns', 'lambda', 'events'];

/** What hangs on a function beside its configuration: tags, permissions, what becomes of asynchronous calls. Throws FunctionRefusal. */
export class FunctionAttachments {
  constructor(private readonly registry: Registry) {}

  tags(name: string, place: Place): FunctionExtras['tags'] {
    return this.registry.extras(this.#target(name, place).arn).tags;
  }

  /** Puts tags beside those that are there, or takes them away. */
  async changeTags(
    name: string,
    change: { readonly put?: FunctionExtras['tags']; readonly remove?: readonly string[] },
    place: Place,
  ): Promise<void> {
    await this.#change(name, place, (extras) => {
      const { put = {}, remove = [] } = change;
      const tags = Object.fromEntries(
        Object.entries({ ...extras.tags, ...put }).filter(([key]) => !remove.includes(key)),
      );
      if (Object.keys(tags).length > FUNCTION_TAGS_MAX) {
        throw invalidParameter(`Expected at most ${FUNCTION_TAGS_MAX} tags, but there would be more.`);
      }
      return { ...extras, tags };
    });
  }

  /** Kept without effect: everybody may call functions here. */
  async addPermission(name: string, statement: PolicyStatement, place: Place): Promise<PolicyStatement> {
    const { arn, qualifier } = this.#target(name, place);
    const { Sid } = statement;
    const whole: PolicyStatement = { ...statement, Resource: qualifier === null ? arn : `${arn}:${qualifier}` };
    await this.#change(name, place, (extras) => {
      const before = extras.policies[qualifier ?? ''] ?? [];
      if (before.some((other) => other.Sid === Sid)) {
        throw new FunctionRefusal(
          'ResourceConflictException',
          `The statement id (${Sid}) provided already exists. Please provide a new statement id, or remove the existing statement.`,
          409,
        );
      }
      const policy = [...before, whole];
      if (Buffer.byteLength(JSON.stringify(policy)) > FUNCTION_POLICY_BYTES_MAX) {
        throw new FunctionRefusal(
          'PolicyLengthExceededException',
          'The final policy size is bigger than the limit (20480).',
          400,
        );
      }
      return { ...extras, policies: { ...extras.policies, [qualifier ?? '']: policy } };
    });
    return whole;
  }

  async removePermission(name: string, sid: string, place: Place): Promise<void> {
    const { qualifier } = this.#target(name, place);
    await this.#change(name, place, (extras) => {
      const before = extras.policies[qualifier ?? ''] ?? [];
      const policy = before.filter((statement) => statement.Sid !== sid);
      if (policy.length === before.length) {
        throw new FunctionRefusal(
          'ResourceNotFoundException',
          `Statement ${sid} is not found in resource policy.`,
          404,
        );
      }
      return { ...extras, policies: { ...extras.policies, [qualifier ?? '']: policy } };
    });
  }

  /** Throws ResourceNotFoundException when there is none. */
  policy(name: string, place: Place): readonly PolicyStatement[] {
    const { arn, qualifier } = this.#target(name, place);
    const policy = this.registry.extras(arn).policies[qualifier ?? ''] ?? [];
    if (policy.length > 0) return policy;
    throw new FunctionRefusal('ResourceNotFoundException', 'The resource you requested does not exist.', 404);
  }

  /** Of the function itself, a version or an alias. With `keeps`, members that are undefined stay as they are. */
  async putEventInvoke(
    name: string,
    settings: Partial<EventInvokeSettings>,
    options: { readonly keeps: boolean },
    place: Place,
  ): Promise<EventInvokeConfig> {
    const { arn, qualifier } = this.#target(name, place);
    const key = qualifier ?? '$LATEST';
    if (this.registry.find(arn, key) === null) throw functionNotFound(`${arn}:${key}`);
    const before = options.keeps ? this.eventInvoke(name, place) : NO_SETTINGS;
    const config = { ...NO_SETTINGS, ...before, ...settings, lastModifiedAt: Date.now() };
    checkEventInvoke(config);
    await this.#change(name, place, (extras) => ({ ...extras, eventInvoke: { ...extras.eventInvoke, [key]: config } }));
    return config;
  }

  /** Null also where there is no such function. */
  findEventInvoke(name: string, place: Place): EventInvokeConfig | null {
    const { arn, qualifier } = this.registry.parse(name, place);
    return this.registry.extras(arn).eventInvoke[qualifier ?? '$LATEST'] ?? null;
  }

  eventInvoke(name: string, place: Place): EventInvokeConfig {
    const { arn, qualifier } = this.#target(name, place);
    const config = this.findEventInvoke(name, place);
    if (config !== null) return config;
    const key = qualifier ?? '$LATEST';
    const message = `The function ${arn}:${key} doesn't have an EventInvokeConfig`;
    throw new FunctionRefusal('ResourceNotFoundException', message, 404);
  }

  /** By qualifier. */
  eventInvokes(name: string, place: Place): readonly (readonly [string, EventInvokeConfig])[] {
    const { eventInvoke } = this.registry.extras(this.#target(name, place).arn);
    return Object.entries(eventInvoke).sort(([left], [right]) => (left < right ? -1 : 1));
  }

  async removeEventInvoke(name: string, place: Place): Promise<void> {
    this.eventInvoke(name, place);
    const { qualifier } = this.#target(name, place);
    await this.#change(name, place, (extras) => {
      const { [qualifier ?? '$LATEST']: _, ...eventInvoke } = extras.eventInvoke;
      return { ...extras, eventInvoke };
    });
  }

  #target(name: string, place: Place): { readonly arn: string; readonly qualifier: string | null } {
    const { arn, qualifier } = this.registry.parse(name, place);
    if (this.registry.latest(arn) === null) throw functionNotFound(arn);
    return { arn, qualifier };
  }

  async #change(name: string, place: Place, change: (extras: FunctionExtras) => FunctionExtras): Promise<void> {
    const { arn } = this.#target(name, place);
    await this.registry.serially(arn, async () => {
      this.#target(name, place); // may have been deleted meanwhile
      await this.registry.putExtras(arn, change(this.registry.extras(arn)));
    });
  }
}

function checkEventInvoke({ retriesMax, ageSecondsMax, onSuccess, onFailure }: EventInvokeSettings): void {
  checkRange('maximumRetryAttempts', retriesMax, 0, ASYNC_RETRIES_MAX);
  checkRange('maximumEventAgeInSeconds', ageSecondsMax, ASYNC_AGE_SECONDS_MIN, ASYNC_AGE_SECONDS_MAX);
  for (const destination of [onSuccess, onFailure]) {
    if (destination === null) continue;
    const service = parseArn(destination)?.service;
    if (service !== undefined && DESTINATION_SERVICES.includes(service)) continue;
    throw invalidParameter(
      `Expected a destination that Treadle sends to (the ARN of a queue, a topic, a function or an event bus), but got '${destination.slice(0, 200)}'.`,
    );
  }
}

function checkRange(member: string, value: number | null, min: number, max: number): void {
  if (value === null || (Number.isInteger(value) && value >= min && value <= max)) return;
  const rule = value > max ? `less than or equal to ${max}` : `greater than or equal to ${min}`;
  throw invalidParameter(
    `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: Member must have value ${rule}`,
  );
}
