import { isNumber, numberOf } from '../../payload/index.js';
import type { DiagnosticLog } from '../diagnostic-log.js';
import type { SourceArray, SourceObject, SourceValue } from '../json-document.js';

/** Bounds of a number field; `null` above means none. */
export interface Range {
  readonly min: number;
  readonly max: number | null;
}

/** Reads the fields of one object of a definition and reports what is wrong with them, in AWS's words. */
export class Fields {
  constructor(
    readonly source: SourceObject,
    /** `/States/A`; empty for the machine itself. */
    readonly location: string,
    readonly log: DiagnosticLog,
  ) {
    for (const { key, keyOffset } of source.duplicates) {
      const message = `The field '${key}' appears more than once. Only the last one counts`;
      log.warning({ code: 'DUPLICATE_FIELD', message, location: this.whole, offset: keyOffset });
    }
  }

  /** Location of the object itself. */
  get whole(): string {
    return this.location === '' ? '/' : this.location;
  }

  names(): IterableIterator<string> {
    return this.source.members.keys();
  }

  has(name: string): boolean {
    return this.source.members.has(name);
  }

  value(name: string): SourceValue | undefined {
    return this.source.members.get(name)?.value;
  }

  /** Location of a field. */
  where(name: string): string {
    return `${this.location}/${name}`;
  }

  /** Reports about the object as a whole; the cursor goes to the field when one is named and there. */
  refuse(message: string, field?: string): void {
    const member = field === undefined ? undefined : this.source.members.get(field);
    this.log.error({ message, location: this.whole, offset: member?.keyOffset ?? this.source.offset });
  }

  /** Reports about one field's value. */
  refuseField(name: string, message: string, code?: string): void {
    const offset = this.value(name)?.offset ?? this.source.offset;
    this.log.error({ ...(code === undefined ? {} : { code }), message, location: this.where(name), offset });
  }

  /** Reports the fields of `names` that are not there; false when any is missing. */
  require(names: readonly string[]): boolean {
    const missing = names.filter((name) => !this.has(name));
    if (missing.length > 0) this.refuse(`These fields are required: [${missing.join(', ')}]`);
    return missing.length === 0;
  }

  /** Reports when more than one of `names` is there, with AWS's list of them all. */
  atMostOne(names: readonly string[]): boolean {
    const present = names.filter((name) => this.has(name));
    if (present.length <= 1) return true;
    this.refuse(`There should only be one of the following fields: [${names.join(', ')}]`, present[1]);
    return false;
  }

  /** Reports unless exactly one of `names` is there. */
  exactlyOne(names: readonly string[]): boolean {
    if (!names.some((name) => this.has(name))) {
      this.refuse(`This object should have only one of the following fields: [${names.join(', ')}]`);
      return false;
    }
    return this.atMostOne(names);
  }

  /** Reports fields outside `allowed`. */
  refuseOthers(allowed: ReadonlySet<string>): void {
    for (const name of this.names()) {
      if (!allowed.has(name)) this.refuse(`Field '${name}' is not supported`, name);
    }
  }

  /** Null when the field is not there or is no string (reported). */
  string(name: string): string | null {
    const value = this.value(name);
    if (value === undefined) return null;
    if (value.kind === 'scalar' && typeof value.value === 'string') return value.value;
    return this.wrongType(name, 'String');
  }

  /** A comment may be null too: generators write that, and it says nothing. */
  comment(): string | null {
    const value = this.value('Comment');
    return value?.kind === 'scalar' && value.value === null ? null : this.string('Comment');
  }

  boolean(name: string): boolean | null {
    const value = this.value(name);
    if (value === undefined) return null;
    if (value.kind === 'scalar' && typeof value.value === 'boolean') return value.value;
    return this.wrongType(name, 'Boolean');
  }

  integer(name: string, range: Range): number | null {
    const value = this.value(name);
    if (value === undefined) return null;
    const isInteger =
      value.kind === 'scalar' &&
      isNumber(value.value) &&
      /^-?\d+$/.test(typeof value.value === 'number' ? String(value.value) : value.value.text);
    return isInteger ? this.number(name, range) : this.wrongType(name, 'Integer');
  }

  number(name: string, { min, max }: Range): number | null {
    const value = this.value(name);
    if (value === undefined) return null;
    if (value.kind !== 'scalar' || !isNumber(value.value)) return this.wrongType(name, 'Number');
    const number = numberOf(value.value);
    if (number < min) this.refuseField(name, `Minimum value is ${min}`);
    else if (max !== null && number > max) this.refuseField(name, `Maximum value is ${max}`);
    else return number;
    return null;
  }

  oneOf<Value extends string>(name: string, values: readonly Value[]): Value | null {
    const text = this.string(name);
    if (text === null) return null;
    const value = values.find((known) => known === text);
    if (value !== undefined) return value;
    this.refuseField(name, `Value should be one of the following: [${values.join(', ')}]`);
    return null;
  }

  object(name: string): Fields | null {
    const value = this.value(name);
    if (value === undefined) return null;
    if (value.kind === 'object') return new Fields(value, this.where(name), this.log);
    return this.wrongType(name, 'Object');
  }

  array(name: string): SourceArray | null {
    const value = this.value(name);
    if (value === undefined) return null;
    if (value.kind === 'array') return value;
    return this.wrongType(name, 'Array');
  }

  /** The objects of an array field; items that are no objects are reported and left out. */
  objects(name: string): readonly Fields[] {
    const list: Fields[] = [];
    for (const [index, item] of (this.array(name)?.items ?? []).entries()) {
      const location = `${this.where(name)}[${index}]`;
      if (item.kind === 'object') list.push(new Fields(item, location, this.log));
      else this.log.error({ message: 'Expected value of type Object', location, offset: item.offset });
    }
    return list;
  }

  wrongType(name: string, type: string): null {
    this.refuseField(name, `Expected value of type ${type}`);
    return null;
  }
}
