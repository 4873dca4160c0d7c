import { describe, expect, it } from 'vitest';
import { childDefinition } from '../child-definition.js';
import type { Definition } from '../definition.js';
import { parseDefinition } from '../parse-definition.js';
import { diagnose, quote, withState } from './test-bed.js';

const S = 'SCHEMA_VALIDATION_FAILED:';
const PROCESSOR =
  "'ItemProcessor':{'ProcessorConfig':{'Mode':'DISTRIBUTED','ExecutionType':'STANDARD'},'StartAt':'I','States':{'I':{'Type':'Pass','End':true}}}";
const map = (fields: string): string => `'Type':'Map','End':true,${PROCESSOR},${fields}`;
const reader = (config: string, resource = 'getObject'): string =>
  map(
    `'ItemReader':{'Resource':'arn:aws:states:::s3:${resource}','Parameters':{'Bucket':'b'},'ReaderConfig':{${config}}}`,
  );
const CONFIG = '/States/A/ItemReader/ReaderConfig';

describe('what a distributed Map has besides', () => {
  // biome-ignore format: one line a case
  it.each([
    [map("'ItemReader':{}"), `${S} These fields are required: [Resource, Parameters] at /States/A/ItemReader, on {`],
    [map("'ItemReader':{'Resource':'arn:aws:states:::s3:getObject','Parameters':{}}"), `${S} These fields are required: [ReaderConfig] at /States/A/ItemReader, on {`],
    [map("'ItemReader':{'Resource':'arn:aws:states:::s3:listObjectsV2','Parameters':{'Bucket.$':'$.b'}}"), 'fine'],
    [map("'ItemReader':{'Resource':'arn:aws:states:::s3:getItem','Parameters':{}}"), `${S} Value should be one of the following: [arn:aws:states:::s3:getObject, arn:aws:states:::s3:listObjectsV2] at /States/A/ItemReader/Resource, on 'arn:aws:states:::s3:getItem'`],
    [map("'ItemReader':{'Resource':'arn:aws:states:::s3:getObject','Arguments':{},'Parameters':{},'ReaderConfig':{'InputType':'JSON'}}"), `${S} The QueryLanguage is set to 'JSONPath', but field 'Arguments' is only supported for the 'JSONata' QueryLanguage at /States/A/ItemReader, on 'Arguments'`],
    [map("'ItemReader':{'Resource':'arn:aws:states:::s3:getObject','Parameters':{'Key.$':'nope'},'ReaderConfig':{'InputType':'JSON'}}"), `${S} The value for the field 'Key.$' must be a valid JSONPath or a valid intrinsic function call at /States/A/ItemReader/Parameters, on 'nope'`],
    [reader("'InputType':'XML'"), `${S} Value should be one of the following: [CSV, JSON, JSONL, PARQUET, MANIFEST] at ${CONFIG}/InputType, on 'XML'`],
    [reader(''), `${S} These fields are required: [InputType] at ${CONFIG}, on {`],
    [reader("'InputType':'JSON','Foo':1"), `${S} Field 'Foo' is not supported at ${CONFIG}, on 'Foo'`],
    [reader("'InputType':'CSV'"), `${S} These fields are required: [CSVHeaderLocation] at ${CONFIG}, on {`],
    [reader("'InputType':'CSV','CSVHeaderLocation':'LAST_ROW'"), `${S} Value should be one of the following: [FIRST_ROW, GIVEN] at ${CONFIG}/CSVHeaderLocation, on 'LAST_ROW'`],
    [reader("'InputType':'CSV','CSVHeaderLocation':'GIVEN'"), `${S} These fields are required: [CSVHeaders] at ${CONFIG}, on {`],
    [reader("'InputType':'CSV','CSVHeaderLocation':'GIVEN','CSVHeaders':['a',1]"), `${S} Expected value of type String at ${CONFIG}/CSVHeaders[1], on 1`],
    [reader("'InputType':'CSV','CSVHeaderLocation':'FIRST_ROW','CSVDelimiter':'SLASH'"), `${S} Value should be one of the following: [COMMA, PIPE, SEMICOLON, SPACE, TAB] at ${CONFIG}/CSVDelimiter, on 'SLASH'`],
    [reader("'InputType':'CSV','CSVHeaderLocation':'FIRST_ROW','CSVDelimiter':'TAB','MaxItems':10"), 'fine'],
    [reader("'InputType':'JSON','MaxItems':-1"), `${S} Minimum value is 0 at ${CONFIG}/MaxItems, on -1`],
    [reader("'InputType':'JSON','MaxItems':100000001"), `${S} Maximum value is 100000000 at ${CONFIG}/MaxItems, on 100000001`],
    [reader("'InputType':'JSON','MaxItems':1,'MaxItemsPath':'$.n'"), `${S} There should only be one of the following fields: [MaxItems, MaxItemsPath] at ${CONFIG}, on 'MaxItemsPath'`],
    [reader("'InputType':'JSON','MaxItemsPath':'$.n[*]'"), `${S} Value is not a Reference Path: Illegal use of '*' at ${CONFIG}/MaxItemsPath, on '$.n[*]'`],
    [reader("'InputType':'JSON','ItemsPointer':'a/b'"), `${S} Value must be a valid JSON Pointer at ${CONFIG}/ItemsPointer, on 'a/b'`],
    [reader("'ManifestType':'S3_INVENTORY'"), 'fine'],
    [reader("'ManifestType':'S3_INVENTORY','InputType':'JSON'"), `${S} The field 'InputType' must be 'CSV' when 'ManifestType' is 'S3_INVENTORY' at ${CONFIG}/InputType, on 'JSON'`],
    [reader("'Transformation':'LOAD_AND_FLATTEN'", 'listObjectsV2'), `${S} These fields are required: [InputType] at ${CONFIG}, on {`],
    [reader("'Transformation':'LOAD'", 'listObjectsV2'), `${S} Value should be one of the following: [NONE, LOAD_AND_FLATTEN] at ${CONFIG}/Transformation, on 'LOAD'`],
    [map("'ItemBatcher':{}"), `${S} This object should have at least one of the following fields: [MaxItemsPerBatch, MaxItemsPerBatchPath, MaxInputBytesPerBatch, MaxInputBytesPerBatchPath] at /States/A/ItemBatcher, on {`],
    [map("'ItemBatcher':{'MaxItemsPerBatch':0}"), `${S} Minimum value is 1 at /States/A/ItemBatcher/MaxItemsPerBatch, on 0`],
    [map("'ItemBatcher':{'MaxInputBytesPerBatch':262145}"), `${S} Maximum value is 262144 at /States/A/ItemBatcher/MaxInputBytesPerBatch, on 262145`],
    [map("'ItemBatcher':{'MaxItemsPerBatchPath':'$.n','MaxInputBytesPerBatchPath':'$.b','BatchInput':{'a.$':'$.a'}}"), 'fine'],
    [map("'ItemBatcher':{'MaxItemsPerBatch':1,'BatchInput':3}"), `${S} Expected value of type Object at /States/A/ItemBatcher/BatchInput, on 3`],
    [map("'ResultWriter':{}"), `${S} These fields are required: [Resource, Parameters] at /States/A/ResultWriter, on {`],
    [map("'ResultWriter':{'Resource':'arn:aws:states:::s3:putObject'}"), `${S} These fields are required: [Parameters] at /States/A/ResultWriter, on {`],
    [map("'ResultWriter':{'WriterConfig':{'Transformation':'FLATTEN','OutputType':'JSON'}}"), 'fine'],
    [map("'ResultWriter':{'WriterConfig':{'Transformation':'FLAT'}}"), `${S} Value should be one of the following: [NONE, COMPACT, FLATTEN] at /States/A/ResultWriter/WriterConfig/Transformation, on 'FLAT'`],
    [map("'ResultWriter':{'WriterConfig':{'OutputType':'CSV'}}"), `${S} Value should be one of the following: [JSON, JSONL] at /States/A/ResultWriter/WriterConfig/OutputType, on 'CSV'`],
    ["'Type':'Map','End':true,'ItemProcessor':{'StartAt':'I','States':{'I':{'Type':'Pass','End':true}}},'ItemBatcher':{'MaxItemsPerBatch':1}", `${S} The field 'ItemBatcher' is only supported when the 'Mode' is 'DISTRIBUTED' at /States/A, on 'ItemBatcher'`],
    [map("'QueryLanguage':'JSONata','ItemReader':{'Resource':'arn:aws:states:::s3:getObject','Arguments':{'Bucket':'{% 1 + %}'},'ReaderConfig':{'InputType':'JSON','MaxItems':'{% $states.input.n %}'}}"), 'at /States/A/ItemReader/Arguments/Bucket'],
    [map("'QueryLanguage':'JSONata','ItemBatcher':{'MaxItemsPerBatch':'{% 2 %}','MaxItemsPerBatchPath':'$.n'}"), "but field 'MaxItemsPerBatchPath' is only supported for the 'JSONPath' QueryLanguage at /States/A/ItemBatcher"],
  ])('%s', (fields, diagnostics) => {
    expect(diagnose(withState(fields))).toContain(diagnostics);
  });
});

const parsed = (text: string): Definition => {
  const { definition, diagnostics } = parseDefinition(quote(text), { type: 'STANDARD' });
  if (definition === null) throw new Error(JSON.stringify(diagnostics));
  return definition;
};
const labelOf = (definition: Definition): string => {
  const state = definition.states.get('A');
  return state?.type === 'Map' && state.distributed !== null ? state.distributed.label : '';
};

describe('a label', () => {
  const machine = (fields: string): Definition => parsed(`{'StartAt':'A','States':{'A':{${map(fields)}}}}`);

  it('is made of the text where none is given: the same again, another one for another text', () => {
    const label = labelOf(machine("'Comment':'1'"));
    expect(label).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/);
    expect(labelOf(machine("'Comment':'1'"))).toBe(label);
    expect(labelOf(machine("'Comment':'2'"))).not.toBe(label);
    expect(labelOf(machine("'Label':'mine'"))).toBe('mine');
  });

  it('leads to what the children run, however deep', () => {
    const inner =
      "'Type':'Map','Label':'inner','ItemProcessor':{'ProcessorConfig':{'Mode':'DISTRIBUTED','ExecutionType':'EXPRESS'},'StartAt':'C','States':{'C':{'Type':'Succeed'}}},'End':true";
    const outer = `'Type':'Map','Label':'outer','ItemProcessor':{'ProcessorConfig':{'Mode':'DISTRIBUTED','ExecutionType':'STANDARD'},'StartAt':'B','States':{'B':{${inner}}}},'End':true`;
    const definition = parsed(
      `{'StartAt':'P','States':{'P':{'Type':'Parallel','End':true,'Branches':[{'StartAt':'A','States':{'A':{${outer}}}}]}}}`,
    );
    const child = childDefinition(definition, 'outer');
    expect([child?.executionType, child?.definition.startAt.name]).toEqual(['STANDARD', 'B']);
    const grandchild = childDefinition(definition, 'inner');
    expect([grandchild?.executionType, grandchild?.definition.startAt.name]).toEqual(['EXPRESS', 'C']);
    expect(childDefinition(definition, 'other')).toBeNull();
  });
});
