import { expect, test } from 'vitest';
import type { RoutePart } from './part.js';
import { matchRoute } from './route-match.js';

const ROUTES = [
  'ANY $default',
  'GET /orders',
  'ANY /orders/{id}',
  'GET /orders/{id}',
  'GET /orders/new',
  'GET /orders/{id}/lines/{line}',
  'GET /{proxy+}',
  'POST /orders/{rest+}',
  'ANY /',
].map((key): RoutePart => {
  const [method = '', path = ''] = key.split(' ');
  const integration = { type: 'part', id: key } as const;
  const common = { part: 'route', region: 'r', apiId: 'a', access: null, scopes: [], needsKey: null } as const;
  return { ...common, name: key, method, path, integration };
});

test.each([
  ['GET', '/orders', 'GET /orders', {}],
  ['GET', '/orders/', 'GET /orders', {}],
  ['GET', '/orders/new', 'GET /orders/new', {}],
  ['GET', '/orders/7', 'GET /orders/{id}', { id: '7' }],
  ['PUT', '/orders/7', 'ANY /orders/{id}', { id: '7' }],
  ['POST', '/orders/7', 'ANY /orders/{id}', { id: '7' }], // written out before greedy, whatever the method
  ['POST', '/orders/7/8', 'POST /orders/{rest+}', { rest: '7/8' }],
  ['GET', '/orders/a%2Fb/lines/%C3%A9', 'GET /orders/{id}/lines/{line}', { id: 'a/b', line: 'é' }],
  ['GET', '/files/x/y', 'GET /{proxy+}', { proxy: 'files/x/y' }],
  ['DELETE', '/files/x/y', 'ANY $default', {}],
  ['PATCH', '/', 'ANY /', {}],
  ['GET', '/orders/%', 'GET /orders/{id}', { id: '%' }],
] as const)('%s %s is %s', (method, path, route, parameters) => {
  const found = matchRoute(ROUTES, method, path);
  expect([found?.route.name, found?.parameters]).toEqual([route, parameters]);
});

test('nothing fits where nothing does', () => {
  expect(matchRoute(ROUTES.slice(1, 6), 'GET', '/files')).toBeNull();
});
