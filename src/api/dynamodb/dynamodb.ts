import { OPERATIONS } from '../../services/dynamodb/operations.js';
import type { Tables } from '../../services/dynamodb/tables.js';
import { type Action, ApiError, type ApiService } from '../port.js';

/** DynamoDB's actions: the table service answers in DynamoDB's own words. */
export function dynamodbService(tables: Pick<Tables, 'call'>): ApiService {
  return { name: 'dynamodb', actions: new Map(OPERATIONS.map((name) => [name, forward(tables, name)])) };
}

const forward =
  (tables: Pick<Tables, 'call'>, operation: string): Action =>
  async ({ input, place, key }) => {
    const { status, body } = await tables.call(operation, input, place, key);
    if (status === 200) return body;
    const { __type, message, ...members } = body;
    const code = String(__type).split('#').at(-1) ?? '';
    throw new ApiError(code, typeof message === 'string' ? message : '', status, members);
  };
