/** One-based place in a file. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A string, number, boolean or null, with what its author wrote: `0123` stays readable as the string '0123'. */
export interface ScalarValue {
  readonly kind: 'scalar';
  readonly value: string | number | boolean | null;
  /** The value as a string: a number's own digits, `true` or `false` for a boolean. */
  readonly text: string;
  readonly at: Position;
}

export interface ListValue<Item> {
  readonly kind: 'list';
  readonly items: readonly Item[];
  readonly at: Position;
}

export interface MapValue<Item> {
  readonly kind: 'map';
  readonly entries: ReadonlyArray<MapEntry<Item>>;
  readonly at: Position;
}

export interface MapEntry<Item> {
  readonly key: string;
  readonly keyAt: Position;
  readonly value: Item;
}

/** An intrinsic function by its long name (`Ref`, `Fn::Sub`, `Condition`), however it was written. */
export interface CallValue {
  readonly kind: 'call';
  readonly name: string;
  readonly argument: TemplateValue;
  readonly at: Position;
}

/** A template's value as read, its places kept. */
export type TemplateValue = ScalarValue | ListValue<TemplateValue> | MapValue<TemplateValue> | CallValue;

/** A value without intrinsic functions: what evaluating a TemplateValue gives. */
export type ResolvedValue = ScalarValue | ListValue<ResolvedValue> | MapValue<ResolvedValue>;

export type TemplateMap = MapValue<TemplateValue>;

/** The member `key`, or undefined. */
export const memberOfMap = <Item>(map: MapValue<Item>, key: string): Item | undefined =>
  map.entries.find((entry) => entry.key === key)?.value;

export const stringScalar = (text: string, at: Position): ScalarValue => ({ kind: 'scalar', value: text, text, at });

/** For messages: `a list`, `a map`, `the string 'x'`. */
export function describeValue(value: TemplateValue): string {
  switch (value.kind) {
    case 'scalar':
      if (value.value === null) return 'nothing';
      return typeof value.value === 'string'
        ? `the string '${value.value}'`
        : `the ${typeof value.value} ${value.text}`;
    case 'list':
      return 'a list';
    case 'map':
      return 'a map';
    case 'call':
      return `the function ${value.name}`;
    default:
      return value satisfies never;
  }
}
