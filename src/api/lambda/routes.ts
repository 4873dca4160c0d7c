import type { RestRoute } from '../protocols/rest-json.js';

const FUNCTIONS = '/2015-03-31/functions';
const FUNCTION = `${FUNCTIONS}/{FunctionName}`;
const EVENT_INVOKE = '/2019-09-25/functions/{FunctionName}/event-invoke-config';
const TAGS = '/2017-03-31/tags/{Resource}';
const URL = '/2021-10-31/functions/{FunctionName}/url';
const LAYERS = '/2018-10-31/layers';
const LAYER = `${LAYERS}/{LayerName}/versions`;
const COMPATIBLE = {
  CompatibleRuntime: 'CompatibleRuntime',
  CompatibleArchitecture: 'CompatibleArchitecture',
};
const MAPPINGS = '/2015-03-31/event-source-mappings';
const MAPPING = `${MAPPINGS}/{UUID}`;
const PAGE = { Marker: 'Marker', MaxItems: 'MaxItems' };
const QUALIFIER = { Qualifier: 'Qualifier' };

/** Lambda's REST surface, as far as Treadle serves it. */
export const LAMBDA_ROUTES: readonly RestRoute[] = [
  {
    operation: 'Invoke',
    method: 'POST',
    path: `${FUNCTION}/invocations`,
    status: 200,
    query: QUALIFIER,
    headers: {
      'x-amz-invocation-type': 'InvocationType',
      'x-amz-log-type': 'LogType',
      'x-amz-client-context': 'ClientContext',
      'x-amz-durable-execution-name': 'DurableExecutionName',
      'x-amz-tenant-id': 'TenantId',
    },
    body: 'Payload',
    answerStatus: 'StatusCode',
    answerHeaders: {
      FunctionError: 'X-Amz-Function-Error',
      LogResult: 'X-Amz-Log-Result',
      ExecutedVersion: 'X-Amz-Executed-Version',
    },
  },
  { operation: 'CreateFunction', method: 'POST', path: FUNCTIONS, status: 201 },
  {
    operation: 'ListFunctions',
    method: 'GET',
    path: FUNCTIONS,
    status: 200,
    query: { ...PAGE, FunctionVersion: 'FunctionVersion', MasterRegion: 'MasterRegion' },
  },
  { operation: 'GetFunction', method: 'GET', path: FUNCTION, status: 200, query: QUALIFIER },
  { operation: 'DeleteFunction', method: 'DELETE', path: FUNCTION, status: 204, query: QUALIFIER },
  {
    operation: 'GetFunctionConfiguration',
    method: 'GET',
    path: `${FUNCTION}/configuration`,
    status: 200,
    query: QUALIFIER,
  },
  { operation: 'UpdateFunctionConfiguration', method: 'PUT', path: `${FUNCTION}/configuration`, status: 200 },
  { operation: 'UpdateFunctionCode', method: 'PUT', path: `${FUNCTION}/code`, status: 200 },
  { operation: 'PublishVersion', method: 'POST', path: `${FUNCTION}/versions`, status: 201 },
  { operation: 'ListVersionsByFunction', method: 'GET', path: `${FUNCTION}/versions`, status: 200, query: PAGE },
  { operation: 'CreateAlias', method: 'POST', path: `${FUNCTION}/aliases`, status: 201 },
  {
    operation: 'ListAliases',
    method: 'GET',
    path: `${FUNCTION}/aliases`,
    status: 200,
    query: { ...PAGE, FunctionVersion: 'FunctionVersion' },
  },
  { operation: 'GetAlias', method: 'GET', path: `${FUNCTION}/aliases/{Name}`, status: 200 },
  { operation: 'UpdateAlias', method: 'PUT', path: `${FUNCTION}/aliases/{Name}`, status: 200 },
  { operation: 'DeleteAlias', method: 'DELETE', path: `${FUNCTION}/aliases/{Name}`, status: 204 },
  { operation: 'CreateEventSourceMapping', method: 'POST', path: MAPPINGS, status: 202 },
  {
    operation: 'ListEventSourceMappings',
    method: 'GET',
    path: MAPPINGS,
    status: 200,
    query: { ...PAGE, EventSourceArn: 'EventSourceArn', FunctionName: 'FunctionName' },
  },
  { operation: 'GetEventSourceMapping', method: 'GET', path: MAPPING, status: 200 },
  { operation: 'UpdateEventSourceMapping', method: 'PUT', path: MAPPING, status: 202 },
  { operation: 'DeleteEventSourceMapping', method: 'DELETE', path: MAPPING, status: 202 },
  {
    operation: 'PutFunctionConcurrency',
    method: 'PUT',
    path: '/2017-10-31/functions/{FunctionName}/concurrency',
    status: 200,
  },
  {
    operation: 'DeleteFunctionConcurrency',
    method: 'DELETE',
    path: '/2017-10-31/functions/{FunctionName}/concurrency',
    status: 204,
  },
  {
    operation: 'GetFunctionConcurrency',
    method: 'GET',
    path: '/2019-09-30/functions/{FunctionName}/concurrency',
    status: 200,
  },
  { operation: 'PutFunctionEventInvokeConfig', method: 'PUT', path: EVENT_INVOKE, status: 200, query: QUALIFIER },
  { operation: 'UpdateFunctionEventInvokeConfig', method: 'POST', path: EVENT_INVOKE, status: 200, query: QUALIFIER },
  { operation: 'GetFunctionEventInvokeConfig', method: 'GET', path: EVENT_INVOKE, status: 200, query: QUALIFIER },
  { operation: 'DeleteFunctionEventInvokeConfig', method: 'DELETE', path: EVENT_INVOKE, status: 204, query: QUALIFIER },
  {
    operation: 'ListFunctionEventInvokeConfigs',
    method: 'GET',
    path: `${EVENT_INVOKE}/list`,
    status: 200,
    query: PAGE,
  },
  { operation: 'CreateFunctionUrlConfig', method: 'POST', path: URL, status: 201, query: QUALIFIER },
  { operation: 'GetFunctionUrlConfig', method: 'GET', path: URL, status: 200, query: QUALIFIER },
  { operation: 'UpdateFunctionUrlConfig', method: 'PUT', path: URL, status: 200, query: QUALIFIER },
  { operation: 'DeleteFunctionUrlConfig', method: 'DELETE', path: URL, status: 204, query: QUALIFIER },
  { operation: 'ListFunctionUrlConfigs', method: 'GET', path: `${URL}s`, status: 200, query: PAGE },
  { operation: 'AddPermission', method: 'POST', path: `${FUNCTION}/policy`, status: 201, query: QUALIFIER },
  { operation: 'GetPolicy', method: 'GET', path: `${FUNCTION}/policy`, status: 200, query: QUALIFIER },
  {
    operation: 'RemovePermission',
    method: 'DELETE',
    path: `${FUNCTION}/policy/{StatementId}`,
    status: 204,
    query: QUALIFIER,
  },
  { operation: 'TagResource', method: 'POST', path: TAGS, status: 204 },
  { operation: 'UntagResource', method: 'DELETE', path: TAGS, status: 204, queryLists: { tagKeys: 'TagKeys' } },
  { operation: 'ListTags', method: 'GET', path: TAGS, status: 200 },
  { operation: 'GetAccountSettings', method: 'GET', path: '/2016-08-19/account-settings', status: 200 },
  { operation: 'PublishLayerVersion', method: 'POST', path: LAYER, status: 201 },
  { operation: 'ListLayerVersions', method: 'GET', path: LAYER, status: 200, query: { ...PAGE, ...COMPATIBLE } },
  { operation: 'GetLayerVersion', method: 'GET', path: `${LAYER}/{VersionNumber}`, status: 200 },
  { operation: 'DeleteLayerVersion', method: 'DELETE', path: `${LAYER}/{VersionNumber}`, status: 204 },
  { operation: 'ListLayers', method: 'GET', path: LAYERS, status: 200, query: { ...PAGE, ...COMPATIBLE, Arn: 'Arn' } },
];
