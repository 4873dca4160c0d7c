import { attributeField, attributeMap, attributes } from './attribute-shape.js';
import { list, map, structure } from './composite-shapes.js';
import { atLeast, atMost, boolean, pattern, required, text, word } from './shape.js';

/** Members that many operations on items have, with AWS's constraints. */

const NAME = pattern('[a-zA-Z0-9_.-]+');
const nameText = text(NAME, atLeast(3), atMost(255));

export const tableName = required(nameText);
export const indexName = nameText;

export const returnConsumedCapacity = word('INDEXES', 'TOTAL', 'NONE');
export const returnItemCollectionMetrics = word('SIZE', 'NONE');
export const returnValues = word('ALL_NEW', 'UPDATED_OLD', 'ALL_OLD', 'NONE', 'UPDATED_NEW');
export const onConditionFailure = word('ALL_OLD', 'NONE');
export const conditionalOperator = word('OR', 'AND');

const OPERATORS = [
  'IN',
  'NULL',
  'BETWEEN',
  'LT',
  'NOT_CONTAINS',
  'EQ',
  'GT',
  'NOT_NULL',
  'NE',
  'LE',
  'BEGINS_WITH',
  'GE',
  'CONTAINS',
] as const;
export type ComparisonOperator = (typeof OPERATORS)[number];

export const expected = map(
  'ExpectedAttributeValue',
  structure('ExpectedAttributeValue', {
    AttributeValueList: attributes,
    ComparisonOperator: word(...OPERATORS),
    Exists: boolean,
    Value: attributeField,
  }),
);

export const conditions = map(
  'Condition',
  structure('Condition', { AttributeValueList: attributes, ComparisonOperator: required(word(...OPERATORS)) }),
);

export const expressionNames = map('java.lang.String', text());
export const attributesToGet = list(text(), atLeast(1), atMost(255));
export const select = word('SPECIFIC_ATTRIBUTES', 'COUNT', 'ALL_ATTRIBUTES', 'ALL_PROJECTED_ATTRIBUTES');

export const item = required(attributeMap);
export const key = required(attributeMap);
export { attributeMap };
