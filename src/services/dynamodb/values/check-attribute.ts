import { TABLE_NESTING_MAX } from '../../../limits/services.js';
import { type AttributeValue, type Item, newItem } from './attribute-value.js';
import { decimalText, parseDecimal, rangeFault } from './decimal.js';

/** An attribute whose members have the right types, and nothing more is known. */
export interface RawAttribute {
  readonly S?: string;
  readonly B?: string;
  readonly N?: string;
  readonly BOOL?: boolean;
  readonly NULL?: boolean;
  readonly BS?: readonly string[];
  readonly NS?: readonly string[];
  readonly SS?: readonly string[];
  readonly L?: readonly RawAttribute[];
  readonly M?: RawItem;
}

export type RawItem = Readonly<Record<string, RawAttribute>>;

/** What is wrong with a value, in DynamoDB's words; others put their own in front. */
export class ValueFault extends Error {
  override readonly name = 'ValueFault';
}

/** Values with numbers in canonical form. Throws ValueFault. */
export function checkItem(raw: RawItem, depth = 0): Item {
  const item = newItem();
  for (const name of Object.keys(raw)) {
    const value = raw[name];
    if (value !== undefined) item[name] = checkAttribute(value, depth);
  }
  return item;
}

/** Throws ValueFault. */
export function checkAttribute(raw: RawAttribute, depth = 0): AttributeValue {
  if (depth > TABLE_NESTING_MAX) throw new ValueFault('Nesting Levels have exceeded supported limits');
  const values: AttributeValue[] = [];
  if (raw.S !== undefined) values.push({ S: raw.S });
  if (raw.B !== undefined) values.push({ B: raw.B });
  if (raw.N !== undefined) values.push({ N: checkNumber(raw.N) });
  if (raw.BOOL !== undefined) values.push({ BOOL: raw.BOOL });
  if (raw.NULL !== undefined) values.push(checkNull(raw.NULL));
  if (raw.BS !== undefined) values.push({ BS: checkBinaries(raw.BS) });
  if (raw.NS !== undefined) values.push({ NS: checkNumbers(raw.NS) });
  if (raw.SS !== undefined) values.push({ SS: checkTexts(raw.SS) });
  if (raw.L !== undefined) values.push({ L: raw.L.map((element) => checkAttribute(element, depth + 1)) });
  if (raw.M !== undefined) values.push({ M: checkItem(raw.M, depth + 1) });
  const [value] = values;
  if (value === undefined) {
    throw new ValueFault('Supplied AttributeValue is empty, must contain exactly one of the supported datatypes');
  }
  if (values.length > 1) {
    throw new ValueFault(
      'Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes',
    );
  }
  return value;
}

function checkNumber(text: string): string {
  if (text === '') throw new ValueFault('The parameter cannot be converted to a numeric value');
  const decimal = parseDecimal(text);
  if (decimal === null) throw new ValueFault(`The parameter cannot be converted to a numeric value: ${text}`);
  const fault = rangeFault(decimal);
  if (fault !== null) throw new ValueFault(fault);
  return decimalText(decimal);
}

function checkNull(isNull: boolean): { readonly NULL: true } {
  if (isNull) return { NULL: true };
  throw new ValueFault(
    'One or more parameter values were invalid: Null attribute value types must have the value of true',
  );
}

function checkTexts(texts: readonly string[]): readonly string[] {
  if (texts.length === 0) {
    throw new ValueFault('One or more parameter values were invalid: An string set  may not be empty');
  }
  if (new Set(texts).size < texts.length) {
    throw new ValueFault(
      `One or more parameter values were invalid: Input collection [${texts.join(', ')}] contains duplicates.`,
    );
  }
  return texts;
}

function checkNumbers(texts: readonly string[]): readonly string[] {
  if (texts.length === 0) {
    throw new ValueFault('One or more parameter values were invalid: An number set  may not be empty');
  }
  const numbers = texts.map(checkNumber);
  if (new Set(numbers).size < numbers.length) throw new ValueFault('Input collection contains duplicates');
  return numbers;
}

function checkBinaries(binaries: readonly string[]): readonly string[] {
  if (binaries.length === 0) {
    throw new ValueFault('One or more parameter values were invalid: Binary sets should not be empty');
  }
  if (new Set(binaries).size < binaries.length) {
    throw new ValueFault(
      `One or more parameter values were invalid: Input collection [${binaries.join(', ')}]of type BS contains duplicates.`,
    );
  }
  return binaries;
}
