import { expect, test } from 'vitest';
import { API_ERRORS, apiError, visibleError } from './errors.js';

test('the table has each code once, in order', () => {
  const codes = API_ERRORS.map(({ code }) => code);
  expect(codes).toEqual([...new Set(codes)].sort());
});

test('an error has the status of the table; other codes are our mistake', () => {
  expect(apiError('NotFound', 'x').status).toBe(404);
  expect(() => apiError('Nonsense', 'x')).toThrow("Expected 'Nonsense' to be in the table of API errors");
});

test('a store that cannot write is a reason to try again', () => {
  const fault = Object.assign(new Error('disk full'), { name: 'StoreUnavailable' });
  expect(visibleError(fault)).toMatchObject({ isOurs: true, error: { code: 'ServiceUnavailable', status: 503 } });
});
