import { describe, expect, test } from 'vitest';
import { parseJson } from '../../payload/index.js';
import { checkTransformer, transformInput } from './input-transformer.js';
import { parseJsonPath } from './json-path.js';

const EVENT = {
  version: '0',
  id: 'e1',
  source: 'shop',
  resources: ['r0', 'r1'],
  detail: { name: 'Jo "J"', total: 1.5, items: [{ sku: 'a' }, { sku: 'b' }], 'a-b': true, none: null },
};
const event = parseJson(JSON.stringify(EVENT));
const paths = {
  name: '$.detail.name',
  total: '$.detail.total',
  items: '$.detail.items',
  missing: '$.detail.missing',
  sku: '$.detail.items[1].sku',
};
const transform = (inputTemplate: string): string =>
  transformInput(
    { inputPathsMap: paths, inputTemplate },
    { event, ruleArn: 'arn:rule', ruleName: 'orders', ingestionTime: '2026-01-01T00:00:00Z' },
  );

describe('templates', () => {
  test.each([
    ['"<sku> of <name>"', '"b of Jo \\"J\\""'],
    ['{"total": <total>, "name": <name>}', '{"total":1.5,"name":"Jo \\"J\\""}'],
    ['{"text": "<name> pays <total>"}', '{"text":"Jo \\"J\\" pays 1.5"}'],
    ['{"items": <items>}', '{"items":[{"sku":"a"},{"sku":"b"}]}'],
    ['{"items": "<items>"}', '{"items":"[{sku:a},{sku:b}]"}'],
    ['{"missing": <missing>, "in": "x<missing>"}', '{"missing":"","in":"x"}'],
    ['{"quote": "\\"<sku>\\"", "next": <sku>}', '{"quote":"\\"b\\"","next":"b"}'],
    ['{"rule": <aws.events.rule-name>, "arn": "<aws.events.rule-arn>"}', '{"rule":"orders","arn":"arn:rule"}'],
    ['{"at": <aws.events.event.ingestion-time>}', '{"at":"2026-01-01T00:00:00Z"}'],
    ['{"all": <aws.events.event.json>}', JSON.stringify({ all: EVENT })],
    ['{"all": <aws.events.event>}', JSON.stringify({ all: { ...EVENT, detail: undefined } })],
    ['[<total>, <sku>]', '[1.5,"b"]'],
    ['"one line"', '"one line"'],
  ])('%s', (template, expected) => {
    expect(transform(template)).toBe(expected);
  });
});

test.each([
  [{ inputPathsMap: { x: 'detail' }, inputTemplate: '"<x>"' }, 'invalid JSON path detail'],
  [{ inputPathsMap: { 'AWS.x': '$.detail' }, inputTemplate: '"x"' }, 'contains the key AWS.x'],
  [{ inputPathsMap: {}, inputTemplate: '"<x>"' }, 'placeholder x that is not defined'],
  [{ inputPathsMap: {}, inputTemplate: '{"x": }' }, 'it is not JSON'],
])('%j is refused', (transformer, reason) => {
  expect(() => checkTransformer('t', transformer)).toThrow(reason);
});

test.each<[string, unknown]>([
  ['$', EVENT],
  ['$.source', 'shop'],
  ['$.detail.a-b', true],
  ["$.detail['a-b']", true],
  ['$.resources[1]', 'r1'],
  ['$.resources[2]', undefined],
  ['$.detail.items[*].sku', ['a', 'b']],
  ['$.detail.none', null],
  ['$.source.deeper', undefined],
])('path %s', (path, expected) => {
  expect(parseJsonPath(path)?.read(event)).toEqual(expected);
});

test.each(['', 'detail', '$detail', '$.', '$..x', '$[', '$.a[x]'])('%j is no path', (path) => {
  expect(parseJsonPath(path)).toBeNull();
});
