import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Functions } from './functions.js';
import { call, createFrom, shown, TestBed } from './test-bed.js';

const bed = new TestBed();
let functions: Functions;
beforeAll(async () => {
  functions = await bed.open();
});
afterAll(() => bed.close());

/** Calls a function made of one file (or several) with an event. */
async function answer(files: Record<string, string> | string, event: unknown = {}, given: object = {}) {
  const all = typeof files === 'string' ? { 'app.js': files } : files;
  return shown(await call(functions, await createFrom(bed, functions, { files: all, ...given }), event));
}

describe('JavaScript', () => {
  test.each([
    ['CommonJS, async', { 'app.js': 'exports.handler = async (event) => ({ got: event.x });' }],
    ['CommonJS, sync return', { 'app.js': 'exports.handler = (event) => ({ got: event.x });' }],
    ['CommonJS, callback', { 'app.js': 'exports.handler = (e, c, callback) => callback(null, { got: e.x });' }],
    [
      'callback later',
      { 'app.js': 'exports.handler = (e, c, cb) => { setTimeout(() => cb(null, { got: e.x }), 5); };' },
    ],
    ['context.succeed', { 'app.js': 'exports.handler = (e, context) => { context.succeed({ got: e.x }); };' }],
    ['ESM .mjs', { 'app.mjs': 'export const handler = async (event) => ({ got: event.x });' }],
    [
      'ESM by package.json',
      { 'app.js': 'export const handler = (e) => ({ got: e.x });', 'package.json': '{"type":"module"}' },
    ],
    ['ESM without package.json', { 'app.js': 'export const handler = (e) => ({ got: e.x });' }],
    ['.cjs', { 'app.cjs': 'module.exports.handler = (e) => ({ got: e.x });', 'package.json': '{"type":"module"}' }],
    [
      'TypeScript',
      { 'app.ts': 'type E = { x: number };\nexport const handler = async (e: E): Promise<object> => ({ got: e.x });' },
    ],
    [
      'TypeScript with an import',
      {
        'app.ts': "import { f } from './f.js';\nexport const handler = (e: { x: number }) => ({ got: f(e.x) });",
        'f.ts': 'export const f = <T>(x: T): T => x;',
      },
    ],
    ['CommonJS in TypeScript', { 'app.ts': 'exports.handler = async (e: any) => ({ got: e.x });' }],
  ])('%s', async (_title, files) => {
    expect(await answer(files, { x: 7 })).toEqual(['succeeded', { got: 7 }]);
  });

  test('CommonJS in a project of modules is CommonJS, as it is on Lambda where the folder stands alone', async () => {
    const folder = bed.write({
      'package.json': '{"type":"module"}',
      'function/app.js': "module.exports.handler = (e) => ({ got: require('./part').got(e) });",
      'function/part.js': 'exports.got = (e) => e.x;',
      'function/modern.js': 'export const handler = (e) => ({ got: e.x });',
    });
    const code = { type: 'folder', path: `${folder}/function` } as const;
    expect(await answer({}, { x: 7 }, { code })).toEqual(['succeeded', { got: 7 }]);
    expect(await answer({}, { x: 7 }, { code, handler: 'modern.handler' })).toEqual(['succeeded', { got: 7 }]);
  });

  test('handlers in folders and nested properties', async () => {
    const files = {
      'src/deep/app.js': 'exports.api = { handler: () => 1 };',
      'src/app.ts': 'export const handler = () => 2;',
    };
    expect(await answer(files, {}, { handler: 'src/deep/app.api.handler' })).toEqual(['succeeded', 1]);
    expect(await answer(files, {}, { handler: 'src/app.handler' })).toEqual(['succeeded', 2]);
  });

  test('undefined is null, and a handler that never calls back answers null', async () => {
    expect(await answer('exports.handler = async () => {};')).toEqual(['succeeded', null]);
    expect(await answer('exports.handler = (e, c, callback) => {};')).toEqual(['succeeded', null]);
  });

  test('a callback waits for the empty event loop, unless told not to', async () => {
    const body = (flag: string) =>
      `let n = 0; exports.handler = (e, c, cb) => { ${flag} setTimeout(() => { n = 1; }, 50); const r = { get n() { return n; } }; cb(null, r); };`;
    expect(await answer(body(''))).toEqual(['succeeded', { n: 1 }]);
    expect(await answer(body('c.callbackWaitsForEmptyEventLoop = false;'))).toEqual(['succeeded', { n: 0 }]);
  });

  test('context and environment are those of Lambda', async () => {
    process.env.SECRET_OF_THE_SERVER = 'hidden';
    const source = `exports.handler = async (event, c) => ({
      ...c, remaining: c.getRemainingTimeInMillis(), cwd: process.cwd() === process.env.LAMBDA_TASK_ROOT,
      env: Object.fromEntries(Object.entries(process.env).filter(([key]) => !['PATH', 'HOME', 'LANG', 'NODE_PATH'].includes(key))),
      zone: new Date(2026, 0, 1).toISOString() });`;
    const name = await createFrom(bed, functions, {
      files: { 'app.js': source },
      environment: { TABLE_NAME: 'orders' },
    });
    const result = await functions.invoke({ functionName: name, event: '{}', requestId: 'request-1' });
    const [type, value] = shown(result);
    expect(type).toBe('succeeded');
    expect(value).toEqual({
      callbackWaitsForEmptyEventLoop: true,
      functionVersion: '$LATEST',
      functionName: name,
      memoryLimitInMB: '256',
      logGroupName: `/aws/lambda/${name}`,
      logStreamName: expect.stringMatching(/^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/),
      invokedFunctionArn: `arn:aws:lambda:us-east-1:000000000000:function:${name}`,
      awsRequestId: 'request-1',
      remaining: expect.closeTo(20_000, -3.5),
      cwd: true,
      zone: '2026-01-01T00:00:00.000Z',
      env: {
        TABLE_NAME: 'orders',
        TZ: ':UTC',
        AWS_ENDPOINT_URL: 'http://127.0.0.1:4566',
        AWS_REGION: 'us-east-1',
        AWS_DEFAULT_REGION: 'us-east-1',
        AWS_ACCESS_KEY_ID: 'test',
        AWS_SECRET_ACCESS_KEY: 'test',
        AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs20.x',
        AWS_LAMBDA_FUNCTION_NAME: name,
        AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
        AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
        AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
        AWS_LAMBDA_LOG_STREAM_NAME: expect.any(String),
        LAMBDA_TASK_ROOT: expect.any(String),
        LAMBDA_RUNTIME_DIR: expect.any(String),
        _HANDLER: 'app.handler',
      },
    });
  });

  test.each([
    ['thrown', 'exports.handler = async () => { throw new TypeError("boom"); };', 'TypeError', 'boom'],
    ['thrown synchronously', 'exports.handler = () => { throw new TypeError("boom"); };', 'TypeError', 'boom'],
    ['given to the callback', 'exports.handler = (e, c, cb) => cb(new TypeError("boom"));', 'TypeError', 'boom'],
    [
      'a custom name',
      'exports.handler = async () => { const e = new Error("no"); e.name = "PaymentError"; throw e; };',
      'PaymentError',
      'no',
    ],
    ['a string', 'exports.handler = async () => { throw "plain"; };', 'string', 'plain'],
    ['a number', 'exports.handler = async () => { throw 42; };', 'number', '42'],
    ['undefined', 'exports.handler = async () => { throw undefined; };', 'string', 'handled'],
    ['an object', 'exports.handler = async () => { throw { a: 1 }; };', 'object', '[object Object]'],
    [
      'unreadable',
      'exports.handler = async () => { throw { toString() { throw 1; } }; };',
      'handled',
      'The error that was thrown cannot be read.',
    ],
    ['a BigInt', 'exports.handler = async () => 10n;', 'Error', 'Unable to stringify response body'],
    [
      'a cycle',
      'exports.handler = async () => { const a = {}; a.a = a; return a; };',
      'Error',
      'Unable to stringify response body',
    ],
    [
      'uncaught in a timer',
      'exports.handler = () => new Promise(() => { setTimeout(() => { throw new TypeError("later"); }); });',
      'TypeError',
      'later',
    ],
    [
      'an unhandled rejection',
      'exports.handler = () => new Promise(() => { Promise.reject(new Error("lost")); });',
      'Runtime.UnhandledPromiseRejection',
      'Error: lost',
    ],
    [
      'a promise that never settles',
      'exports.handler = () => new Promise(() => {});',
      'Runtime.NodeJsExit',
      expect.stringContaining('never settles'),
    ],
  ])('failure: %s', async (_title, source, errorType, errorMessage) => {
    const [type, value] = await answer(source);
    expect([type, value]).toMatchObject(['failed', { errorType, errorMessage }]);
  });

  test('an error has its stack as trace', async () => {
    const [, value] = await answer('exports.handler = async () => { throw new Error("boom"); };');
    expect(value).toEqual({
      errorType: 'Error',
      errorMessage: 'boom',
      trace: expect.arrayContaining(['Error: boom', expect.stringMatching(/at exports\.handler \(.*app\.js:1:/)]),
    });
  });

  test("a TypeScript error's trace names the source", async () => {
    const [, value] = await answer({
      'app.ts': '\n\nexport const handler = async () => { throw new Error("boom"); };',
    });
    expect(JSON.stringify(value)).toContain('app.ts:3');
  });
});

describe('code that does not load', () => {
  test.each([
    ['no such file', {}, 'Runtime.ImportModuleError', /^Error: Cannot find module 'app'/],
    [
      'no such export',
      { 'app.js': 'exports.other = 1;' },
      'Runtime.HandlerNotFound',
      /^app.handler is undefined or not exported$/,
    ],
    [
      'not a function',
      { 'app.js': 'exports.handler = 1;' },
      'Runtime.HandlerNotFound',
      /^app.handler is not a function$/,
    ],
    ['syntax', { 'app.js': 'exports.handler = (' }, 'Runtime.UserCodeSyntaxError', /^SyntaxError: /],
    ['ESM syntax', { 'app.mjs': 'export const handler = (' }, 'Runtime.UserCodeSyntaxError', /^SyntaxError: /],
    [
      'TypeScript syntax',
      { 'app.ts': 'export const handler = (' },
      'Runtime.UserCodeSyntaxError',
      /^SyntaxError: .*app\.ts:1:/,
    ],
    [
      'missing package',
      { 'app.js': 'require("nope");' },
      'Runtime.ImportModuleError',
      /^Error: Cannot find module 'nope'/,
    ],
    ['missing ESM package', { 'app.mjs': 'import "nope";' }, 'Runtime.ImportModuleError', /Cannot find package 'nope'/],
    [
      'missing TypeScript package',
      { 'app.ts': 'import "nope";' },
      'Runtime.ImportModuleError',
      /^Error: Cannot find module 'nope'/,
    ],
    [
      'missing SDK client',
      { 'app.js': 'require("@aws-sdk/client-nope");' },
      'Runtime.ImportModuleError',
      /npm install @aws-sdk\/client-nope$/,
    ],
    [
      'missing SDK client in ESM',
      { 'app.mjs': 'import "@aws-sdk/client-nope";' },
      'Runtime.ImportModuleError',
      /npm install @aws-sdk\/client-nope$/,
    ],
    ['throws while loading', { 'app.js': 'throw new RangeError("early");' }, 'RangeError', /^early$/],
    [
      'exits while loading',
      { 'app.js': 'process.exit(3);' },
      'Runtime.ExitError',
      /^RequestId: [0-9a-f-]{36} Error: Runtime exited with error: exit status 3$/,
    ],
  ])('%s', async (_title, files, errorType, message) => {
    const [type, value] = await answer({ 'other.txt': '', ...files });
    expect([type, value]).toMatchObject(['failed', { errorType, errorMessage: expect.stringMatching(message) }]);
  });

  test.each([
    ['up the tree', '../app.handler', 'Runtime.MalformedHandlerName'],
    ['no function', 'app', 'Runtime.MalformedHandlerName'],
  ])('handler name: %s', async (_title, handler, errorType) => {
    expect(await answer('exports.handler = 1;', {}, { handler })).toMatchObject(['failed', { errorType }]);
  });
});

describe('the AWS SDK is there as on Lambda', () => {
  test.each([
    [
      'CommonJS',
      { 'app.js': 'const { SFNClient } = require("@aws-sdk/client-sfn"); exports.handler = () => typeof SFNClient;' },
    ],
    [
      'ESM',
      { 'app.mjs': 'import { SFNClient } from "@aws-sdk/client-sfn"; export const handler = () => typeof SFNClient;' },
    ],
    [
      'TypeScript',
      { 'app.ts': 'import { SFNClient } from "@aws-sdk/client-sfn"; export const handler = () => typeof SFNClient;' },
    ],
  ])('%s', async (_title, files) => {
    expect(await answer(files, {}, { memoryMb: 512 })).toEqual(['succeeded', 'function']);
  });

  test('but not the other packages that Treadle uses', async () => {
    expect(await answer('require("fflate");')).toMatchObject(['failed', { errorType: 'Runtime.ImportModuleError' }]);
  });
});
