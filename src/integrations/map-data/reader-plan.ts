import { MAP_ITEMS_MAX } from '../../limits.js';
import { isArray, isNumber, type JsonObject, type JsonValue, memberOf, numberOf } from '../../payload/index.js';
import { readerError } from './faults.js';

/** An ItemReader with every path and expression evaluated, in AWS's own names. */
export interface ItemReaderRequest {
  /** `arn:aws:states:::s3:getObject` or `arn:aws:states:::s3:listObjectsV2`. */
  readonly resource: string;
  /** Parameters or Arguments. */
  readonly parameters: JsonObject;
  /** ReaderConfig; the value of MaxItemsPath stands as `MaxItems`. */
  readonly readerConfig?: JsonObject;
}

export type ItemFormat =
  | { readonly type: 'JSON'; readonly pointer: string }
  | { readonly type: 'JSONL' }
  | { readonly type: 'CSV'; readonly delimiter: string; readonly headers: readonly string[] | null }
  | { readonly type: 'PARQUET' };

export interface ObjectPlace {
  readonly bucket: string;
  readonly key: string;
}

interface ListPlace {
  readonly bucket: string;
  readonly prefix?: string;
}

/** What is to be read, checked. */
export type ReaderPlan = (
  | { readonly type: 'object'; readonly place: ObjectPlace; readonly format: ItemFormat }
  | { readonly type: 'list'; readonly place: ListPlace }
  | { readonly type: 'flattenedList'; readonly place: ListPlace; readonly format: ItemFormat }
  | { readonly type: 'inventory'; readonly place: ObjectPlace }
  | { readonly type: 'athenaManifest'; readonly place: ObjectPlace; readonly format: ItemFormat }
) & { readonly itemsMax: number };

const NO_CONFIG: JsonObject = {};

/** Throws States.ItemReaderFailed for what the definition's validation could not know. */
export function planReading(request: ItemReaderRequest): ReaderPlan {
  const config = request.readerConfig ?? NO_CONFIG;
  const itemsMax = readItemsMax(memberOf(config, 'MaxItems'));
  const action = request.resource.slice(request.resource.lastIndexOf(':') + 1);
  switch (action) {
    case 'listObjectsV2':
      return { ...planList(request.parameters, config), itemsMax };
    case 'getObject':
      return { ...planObject(request.parameters, config), itemsMax };
    default:
      throw readerError(
        `Expected an ItemReader's Resource to be arn:aws:states:::s3:getObject or arn:aws:states:::s3:listObjectsV2, but it is '${request.resource}'.`,
      );
  }
}

type PlanBody<Plan> = Plan extends unknown ? Omit<Plan, 'itemsMax'> : never;

function planList(parameters: JsonObject, config: JsonObject): PlanBody<ReaderPlan> {
  const prefix = optionalText(parameters, 'Prefix');
  const place = { bucket: requiredText(parameters, 'Bucket'), ...(prefix !== undefined && { prefix }) };
  const transformation = optionalText(config, 'Transformation') ?? 'NONE';
  if (transformation === 'NONE') return { type: 'list', place };
  if (transformation === 'LOAD_AND_FLATTEN') return { type: 'flattenedList', place, format: readFormat(config) };
  throw unexpected('Transformation', 'NONE or LOAD_AND_FLATTEN', transformation);
}

function planObject(parameters: JsonObject, config: JsonObject): PlanBody<ReaderPlan> {
  const place = { bucket: requiredText(parameters, 'Bucket'), key: requiredText(parameters, 'Key') };
  if (memberOf(parameters, 'VersionId') !== undefined) {
    throw readerError('Expected no VersionId, since buckets keep no versions here. Leave it out to read the object.');
  }
  const manifestType = optionalText(config, 'ManifestType');
  if (manifestType === 'ATHENA_DATA') return { type: 'athenaManifest', place, format: readFormat(config) };
  if (manifestType === 'S3_INVENTORY') return { type: 'inventory', place };
  if (manifestType !== undefined) throw unexpected('ManifestType', 'ATHENA_DATA or S3_INVENTORY', manifestType);
  if (optionalText(config, 'InputType') === 'MANIFEST') return { type: 'inventory', place };
  return { type: 'object', place, format: readFormat(config) };
}

function readFormat(config: JsonObject): ItemFormat {
  const inputType = requiredText(config, 'InputType');
  switch (inputType) {
    case 'JSON':
      return { type: 'JSON', pointer: optionalText(config, 'ItemsPointer') ?? '' };
    case 'JSONL':
      return { type: 'JSONL' };
    case 'PARQUET':
      return { type: 'PARQUET' };
    case 'CSV':
      return { type: 'CSV', delimiter: readDelimiter(config), headers: readHeaders(config) };
    default:
      throw unexpected('InputType', 'CSV, JSON, JSONL or PARQUET', inputType);
  }
}

const DELIMITERS: ReadonlyMap<string, string> = new Map([
  ['COMMA', ','],
  ['PIPE', '|'],
  ['SEMICOLON', ';'],
  ['SPACE', ' '],
  ['TAB', '\t'],
]);

function readDelimiter(config: JsonObject): string {
  const name = optionalText(config, 'CSVDelimiter') ?? 'COMMA';
  const delimiter = DELIMITERS.get(name);
  if (delimiter === undefined) throw unexpected('CSVDelimiter', [...DELIMITERS.keys()].join(', '), name);
  return delimiter;
}

function readHeaders(config: JsonObject): readonly string[] | null {
  const location = requiredText(config, 'CSVHeaderLocation');
  if (location === 'FIRST_ROW') return null;
  if (location !== 'GIVEN') throw unexpected('CSVHeaderLocation', 'FIRST_ROW or GIVEN', location);
  const headers = memberOf(config, 'CSVHeaders');
  if (!isArray(headers)) throw unexpected('CSVHeaders', 'an array of strings', headers);
  return headers.map((header) => {
    if (typeof header !== 'string') throw unexpected('CSVHeaders', 'an array of strings', header);
    return header;
  });
}

function readItemsMax(value: JsonValue | undefined): number {
  if (value === undefined) return MAP_ITEMS_MAX;
  const items = isNumber(value) ? numberOf(value) : Number.NaN;
  if (!Number.isInteger(items)) throw unexpected('MaxItems', 'an integer', value);
  if (items < 0) throw readerError('field MaxItems must be positive');
  return items === 0 ? MAP_ITEMS_MAX : Math.min(items, MAP_ITEMS_MAX);
}

function requiredText(object: JsonObject, name: string): string {
  const value = optionalText(object, name);
  if (value === undefined || value === '') throw readerError(`The field '${name}' is required but was missing.`);
  return value;
}

function optionalText(object: JsonObject, name: string): string | undefined {
  const value = memberOf(object, name);
  if (value === undefined || typeof value === 'string') return value;
  throw unexpected(name, 'a string', value);
}

const unexpected = (field: string, expected: string, value: JsonValue | undefined): Error =>
  readerError(
    `Expected ${field} to be ${expected}, but it is ${typeof value === 'string' ? `'${value}'` : kindOf(value)}.`,
  );

const kindOf = (value: JsonValue | undefined): string => {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  if (isArray(value)) return 'an array';
  return isNumber(value) ? `the number ${numberOf(value)}` : `of type ${typeof value}`;
};
