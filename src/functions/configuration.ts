import { functionArn, type Place, parseArn } from '../arn.js';
import {
  FUNCTION_DESCRIPTION_CHARS_MAX,
  FUNCTION_ENVIRONMENT_BYTES_MAX,
  FUNCTION_HANDLER_CHARS_MAX,
  FUNCTION_MEMORY_MB_MAX,
  FUNCTION_MEMORY_MB_MIN,
  FUNCTION_TIMEOUT_SECONDS_DEFAULT,
  FUNCTION_TIMEOUT_SECONDS_MAX,
} from '../limits.js';
import type { FunctionLayer } from './layers.js';
import { invalidParameter } from './refusal.js';
import { parseRuntime } from './runtimes.js';

/** Where a function's code comes from. A folder is used in place: it must stay where it is. */
export type FunctionCode =
  | { readonly type: 'zip'; readonly bytes: Uint8Array }
  | { readonly type: 'folder'; readonly path: string };

/** What may be changed after creation; AWS's UpdateFunctionConfiguration. */
export interface FunctionSettings {
  readonly runtime: string;
  /** `file.function` or `folder/file.function`; in Python also `package.module.function`. */
  readonly handler: string;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly description: string;
  readonly role: string;
  readonly architectures: readonly string[];
  /** Later ones win where two have the same file. */
  readonly layers: readonly FunctionLayer[];
  /** Calls at once; 0 refuses every call (as on AWS), null means the default. */
  readonly reservedConcurrency: number | null;
  /** ARN of a queue or topic that gets the events of asynchronous calls that failed. Missing in records of earlier releases. */
  readonly deadLetterArn?: string | null;
}

export interface CreateFunction extends Partial<FunctionSettings> {
  readonly name: string;
  readonly place: Place;
  readonly runtime: string;
  readonly handler: string;
  readonly code: FunctionCode;
}

/** Everything that is known of a function; stored as JSON. */
export interface FunctionConfiguration extends FunctionSettings {
  readonly name: string;
  readonly arn: string;
  readonly place: Place;
  /** Base64 of the SHA-256 of the zip, or of the folder's names and contents. */
  readonly codeSha256: string;
  /** Bytes of the zip, or of all files in the folder. */
  readonly codeSize: number;
  /** Null: the code is a zip that Treadle keeps. */
  readonly folder: string | null;
  /** The set of packages that were installed for it; missing where there are none. */
  readonly packages?: string;
  /** Epoch milliseconds of the last change. */
  readonly lastModifiedAt: number;
  /** `$LATEST`, or the number of a published version, which never changes. */
  readonly version: string;
  readonly revisionId: string;
}

const DEFAULTS = {
  timeoutSeconds: FUNCTION_TIMEOUT_SECONDS_DEFAULT,
  memoryMb: FUNCTION_MEMORY_MB_MIN,
  environment: {},
  description: '',
  role: '',
  architectures: ['x86_64'],
  layers: [],
  reservedConcurrency: null,
};

/** Checked settings with AWS's defaults filled in. Throws InvalidParameterValueException or ValidationException's texts. */
export function parseSettings(
  given: Partial<FunctionSettings> & Pick<FunctionSettings, 'runtime' | 'handler'>,
): FunctionSettings {
  const settings: FunctionSettings = {
    runtime: given.runtime,
    handler: given.handler,
    timeoutSeconds: given.timeoutSeconds ?? DEFAULTS.timeoutSeconds,
    memoryMb: given.memoryMb ?? DEFAULTS.memoryMb,
    environment: given.environment ?? DEFAULTS.environment,
    description: given.description ?? DEFAULTS.description,
    role: given.role ?? DEFAULTS.role,
    architectures: given.architectures ?? DEFAULTS.architectures,
    layers: given.layers ?? DEFAULTS.layers,
    reservedConcurrency: given.reservedConcurrency ?? DEFAULTS.reservedConcurrency,
    deadLetterArn: given.deadLetterArn ?? null,
  };
  parseRuntime(settings.runtime);
  checkText('handler', settings.handler, { charsMin: 1, charsMax: FUNCTION_HANDLER_CHARS_MAX });
  if (/\s/.test(settings.handler))
    throw invalidParameter(constraint('handler', settings.handler, 'satisfy regular expression pattern: [^\\s]+'));
  checkText('description', settings.description, { charsMin: 0, charsMax: FUNCTION_DESCRIPTION_CHARS_MAX });
  checkNumber('timeout', settings.timeoutSeconds, { min: 1, max: FUNCTION_TIMEOUT_SECONDS_MAX });
  checkNumber('memorySize', settings.memoryMb, { min: FUNCTION_MEMORY_MB_MIN, max: FUNCTION_MEMORY_MB_MAX });
  if (settings.reservedConcurrency !== null) {
    checkNumber('reservedConcurrentExecutions', settings.reservedConcurrency, { min: 0, max: Number.MAX_SAFE_INTEGER });
  }
  checkEnvironment(settings.environment);
  checkDeadLetter(settings.deadLetterArn ?? null);
  return settings;
}

/** The ARN of a checked name. */
export function newFunctionArn(place: Place, name: string): string {
  if (!/^[a-zA-Z0-9-_]{1,64}$/.test(name)) {
    throw invalidParameter(constraint('functionName', name, 'be 1 to 64 letters, digits, hyphens and underscores'));
  }
  return functionArn(place, name);
}

const constraint = (member: string, value: unknown, rule: string): string =>
  `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: Member must ${rule}`;

function checkText(member: string, value: string, bounds: { charsMin: number; charsMax: number }): void {
  if (value.length > bounds.charsMax) {
    throw invalidParameter(constraint(member, value, `have length less than or equal to ${bounds.charsMax}`));
  }
  if (value.length < bounds.charsMin) {
    throw invalidParameter(constraint(member, value, `have length greater than or equal to ${bounds.charsMin}`));
  }
}

function checkNumber(member: string, value: number, bounds: { min: number; max: number }): void {
  if (!Number.isInteger(value)) throw invalidParameter(constraint(member, value, 'be a whole number'));
  if (value > bounds.max) {
    throw invalidParameter(constraint(member, value, `have value less than or equal to ${bounds.max}`));
  }
  if (value < bounds.min) {
    throw invalidParameter(constraint(member, value, `have value greater than or equal to ${bounds.min}`));
  }
}

function checkDeadLetter(arn: string | null): void {
  const service = arn === null ? 'sqs' : parseArn(arn)?.service;
  if (service === 'sqs' || service === 'sns') return;
  throw invalidParameter(
    constraint('deadLetterConfig.targetArn', arn, 'be the ARN of a queue of SQS or a topic of SNS'),
  );
}

/** AWS sets these itself and refuses them in a function's configuration. */
const RESERVED_VARIABLES: ReadonlySet<string> = new Set([
  '_HANDLER',
  '_X_AMZN_TRACE_ID',
  'AWS_DEFAULT_REGION',
  'AWS_REGION',
  'AWS_EXECUTION_ENV',
  'AWS_LAMBDA_FUNCTION_NAME',
  'AWS_LAMBDA_FUNCTION_MEMORY_SIZE',
  'AWS_LAMBDA_FUNCTION_VERSION',
  'AWS_LAMBDA_INITIALIZATION_TYPE',
  'AWS_LAMBDA_LOG_GROUP_NAME',
  'AWS_LAMBDA_LOG_STREAM_NAME',
  'AWS_ACCESS_KEY',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_LAMBDA_RUNTIME_API',
  'LAMBDA_TASK_ROOT',
  'LAMBDA_RUNTIME_DIR',
]);

const ENVIRONMENT_FAULT =
  'Lambda was unable to configure your environment variables because the environment variables you have provided';

function checkEnvironment(environment: Readonly<Record<string, string>>): void {
  const names = Object.keys(environment);
  const reserved = names.filter((name) => RESERVED_VARIABLES.has(name));
  if (reserved.length > 0) {
    throw invalidParameter(
      `${ENVIRONMENT_FAULT} contains reserved keys that are currently not supported for modification. ` +
        `Reserved keys used in this request: ${reserved.join(', ')}`,
    );
  }
  for (const name of names) {
    if (!/^[a-zA-Z]\w+$/.test(name)) {
      throw invalidParameter(
        constraint('environment.variables', name, 'satisfy regular expression pattern: [a-zA-Z]([a-zA-Z0-9_])+'),
      );
    }
    if (environment[name]?.includes('\0'))
      throw invalidParameter(constraint('environment.variables', name, 'have a value without NUL'));
  }
  const text = JSON.stringify(environment);
  if (Buffer.byteLength(text) > FUNCTION_ENVIRONMENT_BYTES_MAX) {
    throw invalidParameter(`${ENVIRONMENT_FAULT} exceeded the 4KB limit. String measured: ${text}`);
  }
}
