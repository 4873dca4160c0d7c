import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Functions } from './functions.js';
import { call, createFrom, shown, TestBed } from './test-bed.js';

const bed = new TestBed();
let functions: Functions;
beforeAll(async () => {
  functions = await bed.open();
});
afterAll(() => bed.close());

const create = (files: Record<string, string> | string, given: object = {}): Promise<string> =>
  createFrom(bed, functions, { files: typeof files === 'string' ? { 'app.py': files } : files, ...given });

async function answer(files: Record<string, string> | string, event: unknown = {}, given: object = {}) {
  return shown(await call(functions, await create(files, given), event));
}

const body = (...lines: string[]): string =>
  ['def handler(event, context):', ...lines.map((line) => `    ${line}`)].join('\n');

test.each([
  ['file', 'app.handler', { 'app.py': body('return {"got": event["x"]}') }],
  ['dotted module', 'src.deep.app.handler', { 'src/deep/app.py': body('return {"got": event["x"]}') }],
  ['path', 'src/app.handler', { 'src/app.py': body('return {"got": event["x"]}') }],
  [
    'import beside it',
    'app.handler',
    { 'app.py': `from other import f\n${body('return {"got": f(event["x"])}')}`, 'other.py': 'f = lambda x: x' },
  ],
])('handlers: %s', async (_title, handler, files) => {
  expect(await answer(files, { x: 7 }, { handler })).toEqual(['succeeded', { got: 7 }]);
});

describe("the answer's text is as Lambda writes it", () => {
  const text = async (expression: string, given: object = {}): Promise<string> => {
    const source = `from decimal import Decimal\n${body(`return ${expression}`)}`;
    const result = await call(functions, await create(source, given));
    return result.type === 'refused' ? result.message : result.payload;
  };

  test.each([
    ['{"a": [1, 2], "b": None}', '{"a": [1, 2], "b": null}'],
    ['"Hello"', '"Hello"'],
    ['0.0', '0.0'],
    ['(1, True)', '[1, true]'],
    ['{"price": Decimal("12.50"), "n": [Decimal(3)]}', '{"price": 12.50, "n": [3]}'],
    ['b\'{"raw":1}\'', '{"raw":1}'],
  ])('%s', async (expression, expected) => {
    expect(await text(expression)).toBe(expected);
  });

  test('what is not ASCII is escaped up to Python 3.11', async () => {
    expect(await text('"Zürich"', { runtime: 'python3.11' })).toBe('"Z\\u00fcrich"');
    expect(await text('"Zürich"', { runtime: 'python3.12' })).toBe('"Zürich"');
  });

  test.each([
    ['{1, 2}', 'Unable to marshal response: Object of type set is not JSON serializable'],
    ['float("nan")', 'Unable to marshal response: Out of range float values are not JSON compliant'],
    ['Decimal("NaN")', 'Unable to marshal response: Out of range decimal values are not JSON compliant: NaN'],
    ['(lambda a: a.append(a) or a)([])', 'Unable to marshal response: Circular reference detected'],
  ])('%s cannot be written', async (expression, errorMessage) => {
    expect(JSON.parse(await text(expression))).toEqual({
      errorMessage,
      errorType: 'Runtime.MarshalError',
      requestId: expect.any(String),
      stackTrace: [],
    });
  });
});

test('context and environment are those of Lambda', async () => {
  const source = [
    'import os, sys',
    body(
      'return {"id": context.aws_request_id, "name": context.function_name, "version": context.function_version,',
      '  "arn": context.invoked_function_arn, "memory": context.memory_limit_in_mb, "group": context.log_group_name,',
      '  "stream": "[$LATEST]" in context.log_stream_name, "remaining": context.get_remaining_time_in_millis(),',
      '  "cwd": os.getcwd() == os.environ["LAMBDA_TASK_ROOT"] == sys.path[0], "secret": os.environ.get("SECRET_OF_THE_SERVER"),',
      '  "own": os.environ["OWN"], "endpoint": os.environ["AWS_ENDPOINT_URL"], "treadle": [k for k in os.environ if "TREADLE" in k]}',
    ),
  ].join('\n');
  process.env.SECRET_OF_THE_SERVER = 'hidden';
  const name = await create(source, { environment: { OWN: 'ö' } });
  const result = await functions.invoke({ functionName: name, event: '{}', requestId: 'request-1' });
  expect(shown(result)).toEqual([
    'succeeded',
    {
      ...{
        id: 'request-1',
        name,
        version: '$LATEST',
        memory: '256',
        group: `/aws/lambda/${name}`,
        stream: true,
        cwd: true,
      },
      arn: `arn:aws:lambda:us-east-1:000000000000:function:${name}`,
      remaining: expect.closeTo(20_000, -3.5),
      ...{ secret: null, own: 'ö', endpoint: 'http://127.0.0.1:4566', treadle: [] },
    },
  ]);
});

test('an exception has message, type, request id and trace in this order', async () => {
  const name = await create(`class PaymentError(Exception):\n    pass\n\n${body('raise PaymentError("declined")')}`);
  const result = await functions.invoke({ functionName: name, event: '{}', requestId: 'r-1' });
  const file = `${functions.get(name).folder}/app.py`;
  const trace = `  File "${file}", line 5, in handler\n    raise PaymentError("declined")\n`;
  expect(result).toEqual({
    type: 'failed',
    executedVersion: '$LATEST',
    payload: `{"errorMessage": "declined", "errorType": "PaymentError", "requestId": "r-1", "stackTrace": [${JSON.stringify(trace)}]}`,
  });
});

test.each([
  ['empty message', body('raise KeyError'), 'KeyError', ''],
  [
    'unreadable message',
    `class E(Exception):\n    def __str__(self): raise ValueError()\n${body('raise E()')}`,
    'E',
    "The error's text cannot be read: ValueError",
  ],
  ['lone surrogate', body('raise Exception("\\ud800")'), 'Exception', '\ud800'],
  [
    'deep recursion',
    body('return handler(event, context)'),
    'RecursionError',
    expect.stringContaining('maximum recursion'),
  ],
  ['sys.exit', `import sys\n${body('sys.exit(4)')}`, 'Runtime.ExitError', expect.stringMatching(/exit status 4$/)],
  [
    'sys.exit(0)',
    `import sys\n${body('sys.exit(0)')}`,
    'Runtime.ExitError',
    expect.stringMatching(/Runtime exited without providing a reason$/),
  ],
])('failure: %s', async (_title, source, errorType, errorMessage) => {
  expect(await answer(source)).toMatchObject(['failed', { errorType, errorMessage }]);
});

test.each([
  ['no such file', { 'b.py': '' }, 'Runtime.ImportModuleError', "Unable to import module 'app': No module named 'app'"],
  ['no such function', { 'app.py': 'x = 1' }, 'Runtime.HandlerNotFound', "Handler 'handler' missing on module 'app'"],
  [
    'syntax',
    { 'app.py': 'def handler(' },
    'Runtime.UserCodeSyntaxError',
    "Syntax error in module 'app': '(' was never closed (app.py, line 1)",
  ],
  [
    'missing package',
    { 'app.py': 'import nope' },
    'Runtime.ImportModuleError',
    "Unable to import module 'app': No module named 'nope'",
  ],
  [
    'missing SDK',
    { 'app.py': 'import boto3', 'boto3.py': 'import botocore.nope' },
    'Runtime.ImportModuleError',
    expect.stringMatching(/-m pip install boto3$/),
  ],
  ['throws while loading', { 'app.py': 'raise ValueError("early")' }, 'ValueError', 'early'],
  [
    'exits while loading',
    { 'app.py': 'import os\nos._exit(3)' },
    'Runtime.ExitError',
    expect.stringMatching(/exit status 3$/),
  ],
])('code that does not load: %s', async (_title, files, errorType, errorMessage) => {
  expect(await answer(files)).toMatchObject(['failed', { errorType, errorMessage }]);
});

test('a built-in module is no handler', async () => {
  const failure = {
    errorType: 'Runtime.BuiltInModuleConflict',
    errorMessage: 'Cannot use built-in module sys as a handler module',
  };
  expect(await answer({ 'app.py': '' }, {}, { handler: 'sys.exit' })).toMatchObject(['failed', failure]);
});

test("logging writes Lambda's format", async () => {
  const name = await create(`import logging\n${body('logging.warning("careful")', 'print("a\\nb")')}`);
  await functions.invoke({ functionName: name, event: '{}', requestId: 'r-1' });
  await call(functions, name);
  const { lines } = await functions.logs({ name, requestId: 'r-1', limit: 100 });
  const printed = lines.filter(({ stream }) => stream === 'stdout').map(({ text }) => text);
  expect(printed).toEqual([
    expect.stringMatching(/^\[WARNING\]\t\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\tr-1\tcareful$/),
    'a',
    'b',
  ]);
});
