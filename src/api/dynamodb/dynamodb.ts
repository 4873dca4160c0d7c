import { OPERATIONS } from '../../services/dynamodb/operations.js';
import { STREAM_OPERATIONS } from '../../services/dynamodb/streams/stream-operations.js';
import type { Tables } from '../../services/dynamodb/tables.js';
import { type Action, ApiError, type ApiService } from '../port.js';

/** DynamoDB's actions: the table service answers in DynamoDB's own words. */
export const dynamodbService = (tables: Pick<Tables, 'call'>): ApiService => serviceOf(tables, 'dynamodb', OPERATIONS);

/** DynamoDB Streams is an API of its own, with a name of its own in X-Amz-Target. */
export const dynamodbStreamsService = (tables: Pick<Tables, 'call'>): ApiService =>
  serviceOf(tables, 'dynamodbstreams', STREAM_OPERATIONS);

const serviceOf = (tables: Pick<Tables, 'call'>, name: string, operations: readonly string[]): ApiService => ({
  name,
  actions: new Map(operations.map((operation) => [operation, forward(tables, operation)])),
});

const forward =
  (tables: Pick<Tables, 'call'>, operation: string): Action =>
  async ({ input, place, key }) => {
    const { status, body } = await tables.call(operation, input, place, key);
    if (status === 200) return body;
    const { __type, message, ...members } = body;
    const code = String(__type).split('#').at(-1) ?? '';
    throw new ApiError(code, typeof message === 'string' ? message : '', status, members);
  };
