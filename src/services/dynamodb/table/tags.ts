import { parseArn } from '../../../arn.js';
import { TABLE_TAGS_MAX } from '../../../limits/services.js';
import type { Core, Operation, OperationCall } from '../core.js';
import { accessDenied, resourceNotFound, validationFault } from '../fault.js';
import { list, structure } from '../input/composite-shapes.js';
import { readRequest } from '../input/request.js';
import { text } from '../input/shape.js';
import type { Table } from './table.js';
import { tableLock } from './table-lock.js';

const TAG = { ResourceArn: text(), Tags: list(structure('Tag', { Key: text(), Value: text() })) };
const UNTAG = { ResourceArn: text(), TagKeys: list(text()) };
const LIST = { ResourceArn: text(), NextToken: text() };

const FORM = /^.+:.+:.+:.+:.+:.+\/.+$/;
const TABLE_ARN = /^arn:aws:dynamodb:.+:\d+:table\/[^/]{2}[^/]+$/;

export const tagResource =
  (core: Core): Operation =>
  async (call) => {
    const { ResourceArn: arn, Tags: tags } = readRequest('TagResource', TAG, call.input);
    checkForm(call, 'TagResource', arn);
    checkPresent('tags', tags);
    checkArn(arn);
    if (tags.length === 0) throw validationFault('Atleast one Tag needs to be provided as Input.');
    await change(core, arn, (before) => {
      const kept = new Map(before.map(({ Key, Value }) => [Key, Value]));
      for (const { Key = '', Value = '' } of tags) kept.set(Key, Value);
      if (kept.size > TABLE_TAGS_MAX) {
        throw validationFault(`One or more parameter values were invalid: Too many tags: ${kept.size}`);
      }
      return [...kept].map(([Key, Value]) => ({ Key, Value }));
    });
    return {};
  };

export const untagResource =
  (core: Core): Operation =>
  async (call) => {
    const { ResourceArn: arn, TagKeys: keys } = readRequest('UntagResource', UNTAG, call.input);
    checkForm(call, 'UntagResource', arn);
    checkPresent('tagKeys', keys);
    checkArn(arn);
    if (keys.length === 0) throw validationFault('Atleast one Tag Key needs to be provided as Input.');
    await change(core, arn, (before) => before.filter(({ Key }) => !keys.includes(Key)));
    return {};
  };

export const listTags =
  ({ directory }: Core): Operation =>
  (call) => {
    const { ResourceArn: arn } = readRequest('ListTagsOfResource', LIST, call.input);
    checkForm(call, 'ListTagsOfResource', arn);
    checkArn(arn);
    const sorted = [...tableAt(directory, arn).tags].sort((left, right) => (left.Key < right.Key ? -1 : 1));
    return { Tags: sorted };
  };

function checkForm({ place }: OperationCall, operation: string, arn: string | undefined): asserts arn is string {
  if (arn === undefined) throw validationFault('Invalid TableArn');
  if (FORM.test(arn)) return;
  throw accessDenied(
    `User: arn:aws:iam::${place.account}:root is not authorized to perform: dynamodb:${operation} on resource: ${arn || '*'}`,
  );
}

function checkPresent<T>(name: string, value: T | undefined): asserts value is T {
  if (value !== undefined) return;
  throw validationFault(
    `1 validation error detected: Value null at '${name}' failed to satisfy constraint: Member must not be null`,
  );
}

function checkArn(arn: string): void {
  if (!TABLE_ARN.test(arn)) throw validationFault(`Invalid TableArn: Invalid ResourceArn provided as input ${arn}`);
}

function tableAt(directory: Core['directory'], arn: string): Table {
  const parsed = parseArn(arn);
  const table = parsed === null ? null : directory.find(parsed.region, parsed.resource.slice('table/'.length));
  if (table === null) throw resourceNotFound(`Requested resource not found: ResourcArn: ${arn} not found`);
  return table;
}

async function change(
  { directory, locks }: Core,
  arn: string,
  tagsOf: (before: Table['tags']) => Table['tags'],
): Promise<void> {
  const { region, name } = tableAt(directory, arn);
  await locks.hold([tableLock(region, name)], async () => {
    const table = tableAt(directory, arn);
    await directory.put({ ...table, tags: tagsOf(table.tags) });
  });
}
