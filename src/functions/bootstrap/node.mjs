// Runs a JavaScript handler in a process of its own, as Lambda's Node.js runtime does.
// Speaks frames (see frames.ts) on file descriptor 3; stdout and stderr belong to the function.
// Arguments: file of a bundled TypeScript handler or '-', folder beside node_modules/@aws-sdk, folder beside node_modules with
// the packages that were installed for the function or '-'.

import { existsSync, readFileSync } from 'node:fs';
import { createRequire, register } from 'node:module';
import { Socket } from 'node:net';
import { basename, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { format } from 'node:util';
import { isLoneCommonJs, keepCommonJs } from './common-js.mjs';

const [, , bundle, sdkFolder, packagesFolder] = process.argv;
const taskRoot = process.env.LAMBDA_TASK_ROOT;
const handlerName = process.env._HANDLER;
const RESPONSE_BYTES_MAX = Number(process.env.TREADLE_RESPONSE_BYTES_MAX);
delete process.env.TREADLE_RESPONSE_BYTES_MAX;
const require = createRequire(import.meta.url);

class RuntimeFault extends Error {
  constructor(name, message) {
    super(message);
    this.name = `Runtime.${name}`;
  }
}

// --- frames

const socket = new Socket({ fd: 3, readable: true, writable: true });
let chunks = [];
let bytes = 0;
let wanted = 0;

function send(header, body, whenSent) {
  const head = JSON.stringify(header);
  const headBytes = Buffer.byteLength(head);
  const bodyBytes = Buffer.byteLength(body);
  const frame = Buffer.allocUnsafe(8 + headBytes + bodyBytes);
  frame.writeUInt32LE(headBytes + bodyBytes, 0);
  frame.writeUInt32LE(headBytes, 4);
  frame.write(head, 8);
  frame.write(body, 8 + headBytes);
  socket.write(frame, whenSent);
}

socket.on('data', (chunk) => {
  chunks.push(chunk);
  bytes += chunk.length;
  if (bytes < Math.max(8, wanted)) return;
  const all = chunks.length === 1 ? chunk : Buffer.concat(chunks);
  chunks = [all];
  wanted = 8 + all.readUInt32LE(0);
  if (bytes < wanted) return;
  const headerEnd = 8 + all.readUInt32LE(4);
  const header = JSON.parse(all.toString('utf8', 8, headerEnd));
  const body = all.toString('utf8', headerEnd, wanted);
  chunks = []; // the server sends the next call only after this one's answer
  bytes = 0;
  wanted = 0;
  startCall(header, body);
});
// The server is gone, or wants this process to go.
socket.on('end', () => process.exit(0));
socket.on('close', () => process.exit(0));
socket.on('error', () => process.exit(0));

// --- errors and logs, in the shapes of Lambda's runtime

const looksLikeError = (value) =>
  value instanceof Error ||
  (value && typeof value.name === 'string' && typeof value.message === 'string' && typeof value.stack === 'string');

function errorObject(error) {
  try {
    if (looksLikeError(error)) {
      return { errorType: error.name, errorMessage: error.message, trace: String(error.stack).split('\n') };
    }
    return { errorType: typeof error, errorMessage: String(error), trace: [] };
  } catch {
    return { errorType: 'handled', errorMessage: 'The error that was thrown cannot be read.', trace: [] };
  }
}

function errorText(error) {
  try {
    return JSON.stringify(errorObject(error));
  } catch {
    return JSON.stringify({
      errorType: 'Error',
      errorMessage: 'The error that was thrown cannot be written as JSON.',
      trace: [],
    });
  }
}

function logError(title, error) {
  const shown = looksLikeError(error) ? error : new Error(errorObject(error).errorMessage);
  const { errorType, errorMessage, trace } = errorObject(shown);
  let own = {};
  try {
    own = { code: shown.code, ...shown };
    JSON.stringify(own);
  } catch {
    own = {};
  }
  console.error(title, `\t${JSON.stringify({ errorType, errorMessage, ...own, stack: trace })}`);
}

let requestId;
// Printing waits for the server to read: nothing is lost when the process ends.
process.stdout._handle?.setBlocking?.(true);
process.stderr._handle?.setBlocking?.(true);

function printer(level) {
  return (...values) => {
    const line = `${new Date().toISOString()}\t${requestId}\t${level}\t${format(...values)}`;
    process.stdout.write(`${line.replaceAll('\n', '\r')}\n`); // one line is one log event; the server turns \r back
  };
}
console.trace = printer('TRACE');
console.debug = printer('DEBUG');
console.log = console.info = printer('INFO');
console.warn = printer('WARN');
console.error = printer('ERROR');

// --- one call

/** The call under way: { settled, isAsync, waiting } where `waiting` answers once the event loop is empty. */
let call = null;

function answer(state, header, body, whenSent) {
  state.settled = true;
  if (call === state) call = null;
  socket.ref();
  const durationMs = performance.now() - state.startedAt;
  send({ ...header, requestId: state.requestId, maxRssKb: process.resourceUsage().maxRSS, durationMs }, body, whenSent);
}

function succeed(state, result) {
  if (state.settled) return;
  let text;
  try {
    text = JSON.stringify(result === undefined ? null : result) ?? 'null';
  } catch (reason) {
    console.error('Unable to stringify response body:', String(reason));
    fail(state, new Error('Unable to stringify response body'));
    return;
  }
  if (text.length > RESPONSE_BYTES_MAX || Buffer.byteLength(text) > RESPONSE_BYTES_MAX) {
    answer(state, { type: 'tooLarge' }, '');
    return;
  }
  answer(state, { type: 'succeeded' }, text);
}

function fail(state, error, exitCode) {
  if (state.settled) return;
  const shown = error === undefined || error === null ? 'handled' : error;
  logError('Invoke Error', shown);
  const isFatal = exitCode !== undefined;
  answer(state, { type: 'failed', isFatal }, errorText(shown), isFatal ? () => process.exit(exitCode) : undefined);
}

function contextOf(state, header) {
  const context = {
    callbackWaitsForEmptyEventLoop: true,
    succeed: (result) => succeed(state, result),
    fail: (error) => fail(state, error),
    done: (error, result) => (error === undefined || error === null ? succeed(state, result) : fail(state, error)),
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: undefined,
    identity: undefined,
    invokedFunctionArn: header.arn,
    awsRequestId: header.requestId,
    getRemainingTimeInMillis: () => header.deadlineMs - Date.now(),
  };
  return context;
}

function startCall(header, body) {
  const state = {
    requestId: header.requestId,
    startedAt: performance.now(),
    settled: false,
    isAsync: false,
    waiting: null,
  };
  call = state;
  requestId = header.requestId;
  if (header.traceHeader === null) delete process.env._X_AMZN_TRACE_ID;
  else process.env._X_AMZN_TRACE_ID = header.traceHeader;
  socket.unref(); // so that an empty event loop can be noticed during the call
  const context = contextOf(state, header);
  const callback = (error, result) => {
    if (error !== undefined && error !== null) fail(state, error);
    else if (!context.callbackWaitsForEmptyEventLoop) succeed(state, result);
    else state.waiting ??= () => succeed(state, result);
  };
  try {
    const result = handler(JSON.parse(body), context, callback);
    if (result && typeof result.then === 'function') {
      state.isAsync = true;
      result.then(
        (value) => succeed(state, value),
        (error) => fail(state, error),
      );
    } else if (result !== undefined && handler.length < 3) {
      succeed(state, result); // a handler without promise and callback
    }
  } catch (error) {
    fail(state, error);
  }
}

process.on('beforeExit', () => {
  const state = call;
  if (state === null) return;
  if (state.waiting !== null) state.waiting();
  else if (state.isAsync) {
    fail(
      state,
      new RuntimeFault('NodeJsExit', 'The handler returned a promise that never settles: nothing is left to wait for.'),
    );
  } else succeed(state, null);
});

process.on('uncaughtException', (error) => {
  logError('Uncaught Exception', error);
  if (call !== null) fail(call, error, 129);
  else if (handler === null) failInit(error);
  else process.exit(129);
});

process.on('unhandledRejection', (reason) => {
  const error = new RuntimeFault('UnhandledPromiseRejection', String(reason));
  if (looksLikeError(reason)) error.stack = reason.stack;
  logError('Unhandled Promise Rejection', error);
  if (call !== null) fail(call, error, 128);
  else if (handler === null) failInit(error);
  else process.exit(128);
});

// --- loading

function isModuleFolder(folder) {
  if (folder.endsWith('/node_modules')) return false;
  const file = join(folder, 'package.json');
  if (existsSync(file)) {
    try {
      return JSON.parse(readFileSync(file, 'utf8'))?.type === 'module';
    } catch {
      return false;
    }
  }
  const parent = dirname(folder);
  return parent === folder ? false : isModuleFolder(parent);
}

async function importModule(file) {
  const url = pathToFileURL(file).href;
  try {
    return await import(url);
  } catch (error) {
    // On Lambda the AWS SDK is there without being installed: look for it beside Treadle as well.
    if (error?.code !== 'ERR_MODULE_NOT_FOUND' || !/'@(?:aws-sdk|smithy)\//.test(error.message)) throw error;
    lookBeside([{ folder: sdkFolder, isSdk: true }]);
    return await import(`${url}?sdk`);
  }
}

/** NODE_PATH is not for ES modules. */
function lookBeside(places) {
  const parents = places.map(({ folder, isSdk }) => ({ url: pathToFileURL(join(folder, '_')).href, isSdk }));
  register('./package-hooks.mjs', import.meta.url, { data: { parents } });
}

if (packagesFolder !== '-') {
  lookBeside([
    { folder: packagesFolder, isSdk: false },
    { folder: sdkFolder, isSdk: true },
  ]);
}

async function loadModule(root, folder, name) {
  const path = resolve(root, folder, name);
  keepCommonJs(root);
  const isModule = isModuleFolder(dirname(path)) && !isLoneCommonJs(root, `${path}.js`);
  if (existsSync(path)) return require(path);
  if (existsSync(`${path}.js`)) return isModule ? await importModule(`${path}.js`) : require(`${path}.js`);
  if (existsSync(`${path}.mjs`)) return await importModule(`${path}.mjs`);
  if (existsSync(`${path}.cjs`)) return require(`${path}.cjs`);
  return require(require.resolve(name, { paths: [root, join(root, folder)] }));
}

const NEEDED_PACKAGE = /(?:package|module|resolve) ["'](@aws-sdk\/[^"'/]+)/;

function loadFault(error) {
  if (error instanceof SyntaxError) return withStack(new RuntimeFault('UserCodeSyntaxError', String(error)), error);
  if (error?.code === 'MODULE_NOT_FOUND' || error?.code === 'ERR_MODULE_NOT_FOUND') {
    const sdk = NEEDED_PACKAGE.exec(error.message)?.[1];
    const cure = sdk ? `\nThe AWS SDK is not installed on this machine: npm install ${sdk}` : '';
    return withStack(new RuntimeFault('ImportModuleError', `${error}${cure}`), error);
  }
  return error;
}

function withStack(fault, error) {
  fault.stack = `${fault.name}: ${error?.stack ?? fault.message}`;
  return fault;
}

async function loadHandler() {
  if (handlerName.includes('..')) {
    throw new RuntimeFault(
      'MalformedHandlerName',
      `'${handlerName}' is not a valid handler name. Use absolute paths when specifying root directories in handler names.`,
    );
  }
  const last = basename(handlerName);
  const folder = handlerName.slice(0, handlerName.indexOf(last));
  const parts = /^([^.]*)\.(.*)$/.exec(last);
  if (parts === null) throw new RuntimeFault('MalformedHandlerName', 'Bad handler');
  let loaded;
  try {
    loaded = bundle === '-' ? await loadModule(taskRoot, folder, parts[1]) : await importModule(bundle);
  } catch (error) {
    throw loadFault(error);
  }
  const find = (module) => parts[2].split('.').reduce((value, key) => value?.[key], module);
  const found = find(loaded) ?? find(loaded?.default);
  if (!found) throw new RuntimeFault('HandlerNotFound', `${handlerName} is undefined or not exported`);
  if (typeof found !== 'function') throw new RuntimeFault('HandlerNotFound', `${handlerName} is not a function`);
  return found;
}

function failInit(error) {
  send({ type: 'initFailed' }, errorText(error), () => process.exit(1));
}

globalThis.awslambda = {
  streamifyResponse() {
    throw new Error(
      'Expected a handler that returns its answer, but this one streams it (awslambda.streamifyResponse), which Treadle does not run. Export the plain handler.',
    );
  },
};

let handler = null;
try {
  handler = await loadHandler();
  send({ type: 'ready' }, '');
} catch (error) {
  logError('Uncaught Exception', error);
  failInit(error);
}
