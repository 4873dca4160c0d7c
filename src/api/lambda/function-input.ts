import { z } from 'zod';
import type { Place } from '../../arn.js';
import {
  type FunctionCode,
  type FunctionConfiguration,
  type FunctionSettings,
  type Functions,
  parseFunctionReference,
} from '../../functions/index.js';
import { FUNCTION_ZIP_BYTES_MAX } from '../../limits.js';
import { S3Fault } from '../../services/s3/fault.js';
import type { ObjectName } from '../../services/s3/object-store.js';
import { wholeObject } from '../../services/s3/whole-object.js';
import { apiError } from '../errors.js';
import { readInput } from '../input.js';
import type { ApiCall } from '../port.js';
import type { LambdaPorts } from './ports.js';

/** The input in the schema's shape. Throws ValidationException with AWS's words. */
export const read = <T>(schema: z.ZodType<T>, call: Pick<ApiCall, 'input'>): T =>
  readInput(schema, call.input, (member, expectation) => {
    const where = `1 validation error detected: Value at '${lowerFirst(member)}' failed to satisfy constraint`;
    return apiError('ValidationException', `${where}: ${expectation}`);
  });

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

export const CODE = {
  /** Base64. */
  ZipFile: z.string().optional(),
  S3Bucket: z.string().optional(),
  S3Key: z.string().optional(),
  S3ObjectVersion: z.string().optional(),
  ImageUri: z.string().optional(),
};

const SETTINGS = {
  Role: z.string().optional(),
  Description: z.string().optional(),
  Timeout: z.number().optional(),
  MemorySize: z.number().optional(),
  Layers: z.array(z.string()).optional(),
  Environment: z.object({ Variables: z.record(z.string(), z.string()).optional() }).optional(),
  DeadLetterConfig: z.object({ TargetArn: z.string().optional() }).optional(),
};

interface SettingsInput extends z.infer<z.ZodObject<typeof SETTINGS>> {
  readonly Runtime?: string | undefined;
  readonly Handler?: string | undefined;
  readonly Architectures?: string[] | undefined;
}

export const CREATE = z.object({
  ...SETTINGS,
  FunctionName: z.string(),
  Runtime: z.string(),
  Handler: z.string(),
  Architectures: z.array(z.string()).optional(),
  Code: z.object(CODE),
  Publish: z.boolean().optional(),
  Tags: z.record(z.string(), z.string()).optional(),
});

export const UPDATE_CONFIGURATION = z.object({
  ...SETTINGS,
  FunctionName: z.string(),
  Runtime: z.string().optional(),
  Handler: z.string().optional(),
  RevisionId: z.string().optional(),
});

export const UPDATE_CODE = z.object({
  ...CODE,
  FunctionName: z.string(),
  DryRun: z.boolean().optional(),
  Publish: z.boolean().optional(),
  RevisionId: z.string().optional(),
});

/** Values that ask for nothing which is not so anyway. */
const WITHOUT_EFFECT: Readonly<Record<string, (value: unknown) => boolean>> = {
  PackageType: (value) => value === 'Zip',
  Architectures: () => true, // code runs on this machine's architecture, whatever it asks for
  TracingConfig: (value) => memberOf(value, 'Mode') === 'PassThrough',
  EphemeralStorage: (value) => memberOf(value, 'Size') === 512,
  SnapStart: (value) => memberOf(value, 'ApplyOn') === 'None',
  LoggingConfig: (value) => memberOf(value, 'LogFormat') === 'Text',
};

const memberOf = (value: unknown, member: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, member) : undefined;

/** Refuses members that ask for what Treadle's functions do not have (VPCs, file systems, …). */
export function refuseUndone(input: unknown, known: readonly string[]): void {
  for (const [member, value] of Object.entries(typeof input === 'object' && input !== null ? input : {})) {
    if (known.includes(member) || isEmpty(value)) continue;
    if (Object.hasOwn(WITHOUT_EFFECT, member) && WITHOUT_EFFECT[member]?.(value) === true) continue;
    throw apiError('InvalidParameterValueException', `Treadle does not do what '${member}' asks for. Leave it out.`);
  }
}

/** Nothing, or a structure of nothing (`{"SubnetIds":[],"SecurityGroupIds":[]}`). */
const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === '' ||
  (typeof value === 'object' && Object.values(value).every(isEmpty));

/** The code of CreateFunction or UpdateFunctionCode. Throws InvalidParameterValueException. */
export async function codeOf(
  code: z.infer<z.ZodObject<typeof CODE>>,
  { objects, place }: { readonly objects: LambdaPorts['objects']; readonly place: Place },
): Promise<FunctionCode> {
  if (code.ImageUri !== undefined) {
    throw apiError(
      'InvalidParameterValueException',
      'Treadle does not run container images. Give the code as a zip in ZipFile.',
    );
  }
  const { S3Bucket: bucket, S3Key: key } = code;
  if (bucket !== undefined && key !== undefined) {
    const object = { bucket, key, version: code.S3ObjectVersion };
    return { type: 'zip', bytes: await storedCode(objects, place, object) };
  }
  if (code.ZipFile === undefined) {
    throw apiError('InvalidParameterValueException', 'Please provide a source for function code.');
  }
  return { type: 'zip', bytes: Buffer.from(code.ZipFile, 'base64') };
}

async function storedCode(objects: LambdaPorts['objects'], place: Place, object: ObjectName): Promise<Uint8Array> {
  try {
    return await wholeObject(objects, place, { ...object, bytesMax: FUNCTION_ZIP_BYTES_MAX });
  } catch (fault) {
    if (!(fault instanceof S3Fault)) throw fault;
    throw apiError(
      'InvalidParameterValueException',
      `Error occurred while GetObject. S3 Error Code: ${fault.code}. S3 Error Message: ${fault.message}`,
    );
  }
}

/** The settings that the request names; the others keep their value or get AWS's default. */
export function settingsOf(input: SettingsInput, { layers }: Pick<Functions, 'layers'>): Partial<FunctionSettings> {
  const settings = {
    runtime: input.Runtime,
    handler: input.Handler,
    role: input.Role,
    description: input.Description,
    timeoutSeconds: input.Timeout,
    memoryMb: input.MemorySize,
    architectures: input.Architectures,
    layers: input.Layers && layers.resolve(input.Layers),
    // An empty ARN takes it away.
    deadLetterArn: input.DeadLetterConfig && (input.DeadLetterConfig.TargetArn || null),
    environment: input.Environment === undefined ? undefined : (input.Environment.Variables ?? {}),
  };
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}

/** `FunctionName` and `Qualifier` as one ARN; text that names no function stays as it is, and is refused by the functions. */
export function qualifiedName(name: string, qualifier: string | undefined, place: Place): string {
  const reference = parseFunctionReference(name, place);
  if (reference === null) return qualifier === undefined ? name : `${name}:${qualifier}`;
  if (qualifier !== undefined && reference.qualifier !== null && reference.qualifier !== qualifier) {
    throw apiError(
      'InvalidParameterValueException',
      'The derived qualifier from the function name does not match the specified qualifier.',
    );
  }
  const wanted = qualifier ?? reference.qualifier;
  return wanted === null ? reference.arn : `${reference.arn}:${wanted}`;
}

/** Somebody else has changed the function since the client looked. */
export function checkRevision(found: FunctionConfiguration, wanted: string | undefined): void {
  if (wanted === undefined || wanted === found.revisionId) return;
  throw apiError(
    'PreconditionFailedException',
    'The RevisionId provided does not match the latest RevisionId. Call the GetFunction/GetAlias API to retrieve the latest RevisionId',
  );
}
