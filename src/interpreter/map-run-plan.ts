import {
  isNumber,
  isObject,
  type JsonObject,
  type JsonValue,
  memberOf,
  numberOf,
  objectOf,
  Payload,
} from '../payload/index.js';

/** What a map run works by: every path and expression is evaluated. */
export interface MapRunPlan {
  readonly stateName: string;
  readonly label: string;
  readonly executionType: 'STANDARD' | 'EXPRESS';
  /** 0 = as many as there may be. */
  readonly maxConcurrency: number;
  /** 0 = not given. */
  readonly toleratedFailureCount: number;
  readonly toleratedFailurePercentage: number;
  /** Null: the items are in the state's own data. `readerConfig` has the value of MaxItemsPath as MaxItems. */
  readonly reader: {
    readonly resource: string;
    readonly parameters: JsonObject;
    readonly readerConfig: JsonObject;
  } | null;
  /** Bounds of 0 are not given. `batchInput` is JSON text. */
  readonly batcher: {
    readonly maxItemsPerBatch: number;
    readonly maxInputBytesPerBatch: number;
    readonly batchInput: string | null;
  } | null;
  /** Null: the children's outputs are the result. `parameters` null: nothing is exported. */
  readonly writer: { readonly parameters: JsonObject | null; readonly writerConfig: JsonObject | null } | null;
}

/** As it stands in MapRunStarted. */
export function writePlan(plan: MapRunPlan): Payload {
  const object = (value: object | null): JsonValue => (value === null ? null : objectOf(Object.entries(value)));
  const { reader, batcher, writer, ...rest } = plan;
  return Payload.ofValue(
    objectOf([
      ...Object.entries(rest),
      ['reader', object(reader)],
      ['batcher', object(batcher)],
      ['writer', object(writer)],
    ]),
  );
}

export function readPlan({ value }: Payload): MapRunPlan {
  const plan = partOf(value);
  if (plan === null) throw new Error('Broken invariant: a map run without a plan');
  const [reader, batcher, writer] = [plan.part('reader'), plan.part('batcher'), plan.part('writer')];
  return {
    stateName: plan.text('stateName') ?? '',
    label: plan.text('label') ?? '',
    executionType: plan.text('executionType') === 'EXPRESS' ? 'EXPRESS' : 'STANDARD',
    maxConcurrency: plan.number('maxConcurrency'),
    toleratedFailureCount: plan.number('toleratedFailureCount'),
    toleratedFailurePercentage: plan.number('toleratedFailurePercentage'),
    reader: reader && {
      resource: reader.text('resource') ?? '',
      parameters: reader.object('parameters') ?? {},
      readerConfig: reader.object('readerConfig') ?? {},
    },
    batcher: batcher && {
      maxItemsPerBatch: batcher.number('maxItemsPerBatch'),
      maxInputBytesPerBatch: batcher.number('maxInputBytesPerBatch'),
      batchInput: batcher.text('batchInput'),
    },
    writer: writer && { parameters: writer.object('parameters'), writerConfig: writer.object('writerConfig') },
  };
}

/** A member that is null, or that an older plan does not have, reads as null or 0. */
function partOf(value: JsonValue | undefined) {
  if (value === undefined || value === null || !isObject(value)) return null;
  return {
    text: (name: string): string | null => {
      const member = memberOf(value, name);
      return typeof member === 'string' ? member : null;
    },
    number: (name: string): number => {
      const member = memberOf(value, name) ?? null;
      return isNumber(member) ? numberOf(member) : 0;
    },
    object: (name: string): JsonObject | null => {
      const member = memberOf(value, name) ?? null;
      return isObject(member) ? member : null;
    },
    part: (name: string) => partOf(memberOf(value, name)),
  };
}
