export type { CreateFunction, FunctionCode, FunctionConfiguration, FunctionSettings } from './configuration.js';
export type { EventInvokeConfig, FunctionAlias, FunctionExtras, PolicyStatement } from './extras.js';
export {
  type FunctionCall,
  type FunctionLogLine,
  Functions,
  FunctionsClosed,
  type FunctionsOptions,
} from './functions.js';
export type { FunctionLayer, Layers, LayerVersion, PublishLayer } from './layers.js';
export type { LogLine, LogPage, LogQuery } from './log.js';
export type { FunctionRecordChange, FunctionRecords } from './records.js';
export { type FunctionReference, parseFunctionReference } from './reference.js';
export { FunctionRefusal } from './refusal.js';
export type { FoundFunction } from './registry.js';
export type { AliasSettings, FunctionVersions, PublishVersion } from './versions.js';
