import type { Scope } from '../language/definition.js';
import { entriesOf, type JsonObject, type JsonValue, objectOf, type Payload } from '../payload/index.js';
import type { Draft } from './draft.js';
import { type Frame, frameOf } from './execution.js';

/** The iteration that an ItemSelector is evaluated for. */
export interface MapItem {
  readonly index: number;
  /** Where an object is mapped: the member's name. */
  readonly key?: string;
  readonly value: JsonValue;
  /** Where a distributed Map has it from. */
  readonly source?: string;
}

/** What an expression sees besides what all expressions of a state do. */
export interface ScopeOptions {
  /** In the context object. */
  readonly hasRetryCount?: boolean;
  readonly item?: MapItem;
  readonly token?: string;
  /** In JSONata's `$states`. */
  readonly result?: Payload;
  readonly errorOutput?: Payload;
}

/** What the expressions of one state may look at: `$` is `payload`, `$states.input` the state's raw input. */
export class StateScope implements Scope {
  #context: JsonValue | undefined;
  #states: JsonValue | undefined;

  constructor(
    private readonly draft: Draft,
    private readonly frame: Frame,
    private readonly payload: Payload,
    private readonly extra: ScopeOptions = {},
  ) {}

  get input(): JsonValue {
    return this.payload.value;
  }

  get inputText(): string {
    return this.payload.text;
  }

  get context(): JsonValue {
    this.#context ??= contextObject(this.draft, this.frame, this.extra);
    return this.#context;
  }

  get states(): JsonValue {
    this.#states ??= this.#statesObject();
    return this.#states;
  }

  /** Few expressions read the context: it is built when it is read. What it shows stands still while the state is in its turn. */
  #statesObject(): JsonObject {
    const { result, errorOutput } = this.extra;
    const scope = this;
    return {
      input: this.frame.input.value,
      ...(result && { result: result.value }),
      ...(errorOutput && { errorOutput: errorOutput.value }),
      get context() {
        return scope.context;
      },
    };
  }

  get at(): number {
    return this.draft.at;
  }

  variable(name: string): JsonValue | undefined {
    for (let frame = this.frame; ; frame = frameOf(this.draft.execution, frame.parent)) {
      const payload = frame.variables?.get(name);
      if (payload !== undefined) return payload.value;
      if (frame.parent === null) return this.draft.policy.trial?.variables.get(name)?.value;
    }
  }

  random(): number {
    return this.draft.random.fraction();
  }

  uuid(): string {
    return this.draft.random.uuid();
  }
}

/** The context object (`$$`); members and order as AWS records them. */
function contextObject({ execution, policy }: Draft, frame: Frame, extra: ScopeOptions): JsonObject {
  const { identity } = execution;
  const { trial } = policy;
  const state: Record<string, JsonValue> = { Name: frame.state, EnteredTime: isoTime(frame.enteredAt) };
  if (extra.hasRetryCount) state.RetryCount = retryCountOf(frame) + (trial?.retries ?? 0);
  const entries: [string, JsonValue][] = [
    [
      'Execution',
      {
        Id: identity.arn,
        Input: execution.input?.value ?? null,
        StartTime: isoTime(execution.startedAt),
        Name: identity.name,
        ...((trial === null || identity.roleArn !== '') && { RoleArn: identity.roleArn }),
        ...(trial === null && { RedriveCount: execution.redriveCount }),
        ...(execution.redrivenAt !== null && { RedriveTime: isoTime(execution.redrivenAt) }),
      },
    ],
    ['StateMachine', { Id: identity.stateMachineArn, Name: identity.stateMachineName }],
    ['State', state],
  ];
  const given = trial?.item ?? null;
  const item = extra.item ?? (given === null ? undefined : { index: 0, value: given });
  if (item) entries.push(['Map', { Item: itemContext(item) }]);
  if (extra.token !== undefined) entries.push(['Task', { Token: extra.token }]);
  return objectOf(trial?.context ? new Map([...entries, ...entriesOf(trial.context)]) : entries);
}

const itemContext = ({ index, value, key, source }: MapItem): JsonObject => ({
  Index: index,
  ...(key !== undefined && { Key: key }),
  Value: value,
  ...(source !== undefined && { Source: source }),
});

export const retryCountOf = (frame: Frame): number =>
  (frame.retries ?? []).reduce((sum, retries) => sum + (retries ?? 0), 0);

/** ISO 8601 in UTC with three fractional digits, or none when they are zero (as AWS trims them). */
export const isoTime = (at: number): string => new Date(at).toISOString().replace('.000Z', 'Z');
