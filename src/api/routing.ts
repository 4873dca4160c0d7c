import type { IncomingHttpHeaders } from 'node:http';
import { APIGATEWAY_ROUTES } from './apigateway/apigateway.js';
import { apiError } from './errors.js';
import { LAMBDA_ROUTES } from './lambda/routes.js';
import { awsJson } from './protocols/aws-json.js';
import { awsQuery } from './protocols/aws-query.js';
import { checksummed } from './protocols/checksummed.js';
import { inflated } from './protocols/inflated.js';
import type { RawRequest, Target } from './protocols/protocol.js';
import { matchRoute, restJson } from './protocols/rest-json.js';
import { restXml } from './protocols/rest-xml.js';
import { rpcCbor } from './protocols/rpc-v2-cbor.js';
import { operationOf } from './s3/routes.js';
import { SCHEDULER_ROUTES } from './scheduler/routes.js';
import { SESV2_ROUTES } from './ses/ses.js';

/** What the signature says: AWS's `key/date/region/service/aws4_request`. */
export interface Scope {
  readonly region: string;
  /** Null in an unsigned request. */
  readonly service: string | null;
}

const REGION_DEFAULT = 'us-east-1';
/** Regions become parts of ARNs and folder names, so nothing else may pass. */
const REGION = /^[a-z0-9-]{1,32}$/;

/** The credential scope of the Authorization header or the presigned query. Any credentials will do. Throws ApiError. */
export function scopeOf(headers: IncomingHttpHeaders, query: string): Scope {
  const credential = credentialOf(headers.authorization, query);
  if (credential === null) return { region: REGION_DEFAULT, service: null };
  const parts = credential.split('/');
  const [region, service] = parts.length >= 5 ? parts.slice(-3) : [REGION_DEFAULT, parts.at(-2)];
  if (region === undefined || !REGION.test(region) || !service) {
    const message = `Expected a credential scope 'key/date/region/service/aws4_request', but it is '${credential}'.`;
    throw apiError('IncompleteSignature', message);
  }
  return { region, service };
}

function credentialOf(authorization: string | undefined, query: string): string | null {
  if (authorization !== undefined) {
    const at = authorization.indexOf('Credential=');
    if (at < 0) return null; // another scheme: any credentials are accepted
    const start = at + 'Credential='.length;
    const end = authorization.indexOf(',', start);
    return authorization.slice(start, end < 0 ? undefined : end).trim();
  }
  return query.includes('X-Amz-Credential=') ? new URLSearchParams(query).get('X-Amz-Credential') : null;
}

/** `X-Amz-Target` prefix → service, as in the credential scope. Those not run are here so that errors can name them. */
const TARGETS: Readonly<Record<string, string>> = {
  AWSStepFunctions: 'states',
  DynamoDB_20120810: 'dynamodb',
  DynamoDBStreams_20120810: 'dynamodbstreams',
  AmazonSQS: 'sqs',
  AWSEvents: 'events',
  Logs_20140328: 'logs',
  GraniteServiceVersion20100801: 'monitoring',
  secretsmanager: 'secretsmanager',
  AmazonSSM: 'ssm',
  Kinesis_20131202: 'kinesis',
  TrentService: 'kms',
};

/** Query services: version → service and namespace of the answers. */
const QUERY_SERVICES: readonly { readonly service: string; readonly version: string; readonly namespace: string }[] = [
  { service: 'sns', version: '2010-03-31', namespace: 'http://sns.amazonaws.com/doc/2010-03-31/' },
  { service: 'sts', version: '2011-06-15', namespace: 'https://sts.amazonaws.com/doc/2011-06-15/' },
  { service: 'ses', version: '2010-12-01', namespace: 'http://ses.amazonaws.com/doc/2010-12-01/' },
  { service: 'iam', version: '2010-05-08', namespace: 'https://iam.amazonaws.com/doc/2010-05-08/' },
  {
    service: 'cloudformation',
    version: '2010-05-15',
    namespace: 'http://cloudformation.amazonaws.com/doc/2010-05-15/',
  },
  { service: 'monitoring', version: '2010-08-01', namespace: 'http://monitoring.amazonaws.com/doc/2010-08-01/' },
  { service: 'sqs', version: '2012-11-05', namespace: 'http://queue.amazonaws.com/doc/2012-11-05/' },
];

const CBOR_PATH = /^\/service\/([^/]+)\/operation\/([^/]+)$/;
/** The two versions of SES have one name in signatures. */
const SESV2_PATH = /^\/v2\/email\//;
const LAMBDA_PATH = /^\/20\d\d-\d\d-\d\d\//;

/**
 * The target: `X-Amz-Target`, else the path of rpc-v2-cbor, else the credential scope, else Lambda's dated path, else the
 * form's version; what remains is S3's. `version` reads the parameter Version of the form; it is asked for at need only.
 */
export function targetOf(request: RawRequest, scope: Scope, version: () => string | null): Target {
  const target = request.headers['x-amz-target'];
  if (typeof target === 'string') return jsonTarget(target, request.headers['content-type'], scope);
  const cbor = request.method === 'POST' ? CBOR_PATH.exec(request.path) : null;
  if (cbor !== null) return cborTarget(cbor[1] ?? '', cbor[2] ?? '');
  if (scope.service === 'lambda' || (scope.service === null && LAMBDA_PATH.test(request.path)))
    return lambdaTarget(request);
  if (scope.service === 'apigateway') {
    return { service: 'apigateway', codec: restJson(matchRoute(APIGATEWAY_ROUTES, request.method, request.path)) };
  }
  if (scope.service === 'scheduler') {
    return { service: 'scheduler', codec: restJson(matchRoute(SCHEDULER_ROUTES, request.method, request.path)) };
  }
  if (SESV2_PATH.test(request.path) && (scope.service ?? 'ses') === 'ses') {
    return { service: 'sesv2', codec: restJson(matchRoute(SESV2_ROUTES, request.method, request.path)) };
  }
  const named = QUERY_SERVICES.find(({ service }) => service === scope.service);
  if (named !== undefined) return { service: named.service, codec: inflated(awsQuery(named.namespace)) };
  if (scope.service !== null && scope.service !== 's3') return { service: scope.service, codec: restJson(null) };
  const unsigned = scope.service === null ? version() : null;
  const form = QUERY_SERVICES.find((entry) => entry.version === unsigned);
  if (form !== undefined) return { service: form.service, codec: awsQuery(form.namespace) };
  return OBJECTS;
}

/** S3, and whatever nothing else claims. */
export const OBJECTS: Target = { service: 's3', codec: restXml(operationOf) };

/** A form of a query service: all are at the root, or say what they want in the query. */
const FORM_QUERY = /(?:^|&)(?:Action|Version)=/;

/** Whether it is S3's, whose bodies are not read before their target is known. Never throws; `targetOf` says the same. */
export function isObjectRequest({ method, path, query, headers }: Omit<RawRequest, 'body'>): boolean {
  if (headers['x-amz-target'] !== undefined) return false;
  const credential = credentialOf(headers.authorization, query);
  if (credential !== null) return S3_SCOPE.test(credential);
  if (method === 'POST' && CBOR_PATH.test(path)) return false;
  if (LAMBDA_PATH.test(path) || FORM_QUERY.test(query)) return false;
  return path !== '/' || !(headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded');
}

const S3_SCOPE = /\/s3\/[^/]+$/;

function jsonTarget(target: string, contentType: string | undefined, scope: Scope): Target {
  const dot = target.lastIndexOf('.');
  const prefix = dot < 0 ? target : target.slice(0, dot);
  const service = TARGETS[prefix] ?? scope.service ?? prefix;
  const codec = inflated(awsJson(dot < 0 ? '' : target.slice(dot + 1), contentType));
  return { service, codec: prefix.startsWith('DynamoDB') ? checksummed(codec) : codec };
}

/** AWS's clients name the service as in X-Amz-Target. */
const cborTarget = (name: string, operation: string): Target => ({
  service: TARGETS[name] ?? name,
  codec: inflated(rpcCbor(operation)),
});

const lambdaTarget = (request: RawRequest): Target => ({
  service: 'lambda',
  codec: restJson(matchRoute(LAMBDA_ROUTES, request.method, request.path)),
});
