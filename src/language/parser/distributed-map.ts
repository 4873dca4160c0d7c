import { createHash } from 'node:crypto';
import { AWS_QUOTAS, MAP_ITEMS_MAX } from '../../limits.js';
import { entriesOf, isObject, type JsonObject, objectOf, writeJson } from '../../payload/index.js';
import type { DistributedMap, ItemBatcher, ItemReader, NumberField, ResultWriter, Template } from '../definition.js';
import { jsonOf } from '../json-document.js';
import type { StateSource } from './context.js';
import { pathTemplate, singlePath } from './expressions.js';
import { checkFieldSet } from './field-matrix.js';
import type { Fields, Range } from './fields.js';
import { holdsExpression, jsonataTemplate } from './jsonata.js';

const GET_OBJECT = 'arn:aws:states:::s3:getObject';
const LIST_OBJECTS = 'arn:aws:states:::s3:listObjectsV2';
const PUT_OBJECT = 'arn:aws:states:::s3:putObject';

const READER_FIELDS = { both: ['Resource', 'ReaderConfig'], jsonPath: ['Parameters'], jsonata: ['Arguments'] };
const READER_CONFIG_FIELDS = {
  both: [
    ...['InputType', 'Transformation', 'ManifestType', 'ItemsPointer', 'MaxItems'],
    ...['CSVDelimiter', 'CSVHeaderLocation', 'CSVHeaders'],
  ],
  jsonPath: ['MaxItemsPath'],
  jsonata: [],
};
const BATCHER_FIELDS = {
  both: ['MaxItemsPerBatch', 'MaxInputBytesPerBatch', 'BatchInput'],
  jsonPath: ['MaxItemsPerBatchPath', 'MaxInputBytesPerBatchPath'],
  jsonata: [],
};
const WRITER_FIELDS = { both: ['Resource', 'WriterConfig'], jsonPath: ['Parameters'], jsonata: ['Arguments'] };
const WRITER_CONFIG_FIELDS: ReadonlySet<string> = new Set(['Transformation', 'OutputType']);

/** Fields of a Map that only a distributed one has. */
const DISTRIBUTED_ONLY = ['ItemReader', 'ItemBatcher', 'ResultWriter'];

export function refuseDistributedFields({ fields }: StateSource): void {
  for (const name of DISTRIBUTED_ONLY) {
    if (!fields.has(name)) continue;
    fields.refuse(`The field '${name}' is only supported when the 'Mode' is 'DISTRIBUTED'`, name);
  }
}

/** What a Map with Mode DISTRIBUTED has besides. */
export function distributedMap(
  state: StateSource,
  executionType: 'STANDARD' | 'EXPRESS',
  label: string | null,
): DistributedMap {
  return {
    executionType,
    label: label ?? madeLabel(state),
    reader: itemReader(state),
    batcher: itemBatcher(state),
    writer: resultWriter(state),
  };
}

/** AWS draws a UUID for each revision; ours is made from the state's place and text, so that a revision read again has the same. */
function madeLabel({ fields }: StateSource): string {
  const digest = createHash('sha256')
    .update(`${fields.location}\n${writeJson(jsonOf(fields.source))}`)
    .digest('hex');
  return [0, 8, 12, 16, 20].map((from, i) => digest.slice(from, [8, 12, 16, 20, 32][i])).join('-');
}

function itemReader(state: StateSource): ItemReader | null {
  const fields = state.fields.object('ItemReader');
  if (fields === null) return null;
  checkFieldSet(fields, READER_FIELDS, state.language);
  const parametersName = state.language === 'JSONata' ? 'Arguments' : 'Parameters';
  fields.require(['Resource', parametersName]);
  const resource = fields.oneOf('Resource', [GET_OBJECT, LIST_OBJECTS]);
  const parameters = parametersOf(state, fields);
  const config = fields.object('ReaderConfig');
  if (config === null) {
    if (resource === GET_OBJECT && !fields.has('ReaderConfig')) fields.require(['ReaderConfig']);
    return { resource: resource ?? GET_OBJECT, parameters, config: {}, maxItems: null };
  }
  checkFieldSet(config, READER_CONFIG_FIELDS, state.language);
  checkReaderConfig(config, resource);
  const maxItems = integerIn(state, config, 'MaxItems', { min: 0, max: MAP_ITEMS_MAX });
  return {
    resource: resource ?? GET_OBJECT,
    parameters,
    config: without(config, ['MaxItems', 'MaxItemsPath']),
    maxItems,
  };
}

function checkReaderConfig(config: Fields, resource: string | null): void {
  const inputType = config.oneOf('InputType', ['CSV', 'JSON', 'JSONL', 'PARQUET', 'MANIFEST']);
  const transformation = config.oneOf('Transformation', ['NONE', 'LOAD_AND_FLATTEN']);
  const manifestType = config.oneOf('ManifestType', ['ATHENA_DATA', 'S3_INVENTORY']);
  const isFlattened = transformation === 'LOAD_AND_FLATTEN';
  const isInventory = manifestType === 'S3_INVENTORY';
  if (resource === GET_OBJECT && !isInventory) config.require(['InputType']);
  if (resource === LIST_OBJECTS && isFlattened) config.require(['InputType']);
  if (isInventory && inputType !== null && inputType !== 'CSV' && inputType !== 'MANIFEST') {
    config.refuseField('InputType', "The field 'InputType' must be 'CSV' when 'ManifestType' is 'S3_INVENTORY'");
  }
  checkCsv(config, inputType === 'CSV' && !isInventory);
  const pointer = config.string('ItemsPointer');
  if (pointer !== null && pointer !== '' && !pointer.startsWith('/')) {
    config.refuseField('ItemsPointer', 'Value must be a valid JSON Pointer');
  }
}

function checkCsv(config: Fields, isCsv: boolean): void {
  config.oneOf('CSVDelimiter', ['COMMA', 'PIPE', 'SEMICOLON', 'SPACE', 'TAB']);
  const location = config.oneOf('CSVHeaderLocation', ['FIRST_ROW', 'GIVEN']);
  if (isCsv) config.require(['CSVHeaderLocation']);
  if (location === 'GIVEN') config.require(['CSVHeaders']);
  const headers = config.array('CSVHeaders');
  for (const [index, item] of (headers?.items ?? []).entries()) {
    if (item.kind === 'scalar' && typeof item.value === 'string') continue;
    const at = `${config.where('CSVHeaders')}[${index}]`;
    config.log.error({ message: 'Expected value of type String', location: at, offset: item.offset });
  }
}

function itemBatcher(state: StateSource): ItemBatcher | null {
  const fields = state.fields.object('ItemBatcher');
  if (fields === null) return null;
  checkFieldSet(fields, BATCHER_FIELDS, state.language);
  const bounds = ['MaxItemsPerBatch', 'MaxInputBytesPerBatch'].flatMap((name) => [name, `${name}Path`]);
  if (!bounds.some((name) => fields.has(name))) {
    fields.refuse(`This object should have at least one of the following fields: [${bounds.join(', ')}]`);
  }
  return {
    maxItemsPerBatch: integerIn(state, fields, 'MaxItemsPerBatch', { min: 1, max: null }),
    maxInputBytesPerBatch: integerIn(state, fields, 'MaxInputBytesPerBatch', {
      min: 1,
      max: AWS_QUOTAS.payloadBytesMax,
    }),
    batchInput: templateIn(state, fields, 'BatchInput'),
  };
}

function resultWriter(state: StateSource): ResultWriter | null {
  const fields = state.fields.object('ResultWriter');
  if (fields === null) return null;
  checkFieldSet(fields, WRITER_FIELDS, state.language);
  const parametersName = state.language === 'JSONata' ? 'Arguments' : 'Parameters';
  const exports = fields.has('Resource') || fields.has(parametersName);
  if (exports || !fields.has('WriterConfig')) fields.require(['Resource', parametersName]);
  const resource = fields.oneOf('Resource', [PUT_OBJECT]);
  const config = fields.object('WriterConfig');
  if (config !== null) {
    config.refuseOthers(WRITER_CONFIG_FIELDS);
    config.oneOf('Transformation', ['NONE', 'COMPACT', 'FLATTEN']);
    config.oneOf('OutputType', ['JSON', 'JSONL']);
  }
  return {
    resource,
    parameters: parametersOf(state, fields),
    config: config === null ? null : without(config, []),
  };
}

/** `Parameters`, or JSONata's `Arguments`. */
const parametersOf = (state: StateSource, fields: Fields): Template | null =>
  templateIn(state, fields, state.language === 'JSONata' ? 'Arguments' : 'Parameters');

const templateIn = (state: StateSource, fields: Fields, name: string): Template | null =>
  state.language === 'JSONata' ? jsonataTemplate(state, fields, name) : pathTemplate({ ...state, fields }, name);

/** A number given as it is, by `<name>Path` or by an expression. */
function integerIn(state: StateSource, fields: Fields, name: string, range: Range): NumberField | null {
  if (state.language === 'JSONata' && holdsExpression(fields, name))
    return jsonataTemplate(state, fields, name, 'number');
  fields.atMostOne([name, `${name}Path`]);
  return fields.integer(name, range) ?? singlePath({ ...state, fields }, `${name}Path`);
}

function without(fields: Fields, names: readonly string[]): JsonObject {
  const value = jsonOf(fields.source);
  return objectOf(isObject(value) ? entriesOf(value).filter(([name]) => !names.includes(name)) : []);
}
