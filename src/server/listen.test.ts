import { expect, test } from 'vitest';
import { endpointOf } from './listen.js';

test.each([
  ['127.0.0.1', 'http://127.0.0.1:4566'],
  ['localhost', 'http://localhost:4566'],
  ['::1', 'http://[::1]:4566'],
  // All addresses of the machine: none of them is one to call.
  ['0.0.0.0', 'http://127.0.0.1:4566'],
  ['::', 'http://[::1]:4566'],
])('a server on %s is called at %s', (host, endpoint) => {
  expect(endpointOf(host, 4566)).toBe(endpoint);
});
