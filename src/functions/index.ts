export type { CreateFunction, FunctionCode, FunctionConfiguration, FunctionSettings } from './configuration.js';
export {
  type FunctionCall,
  type FunctionLogLine,
  Functions,
  FunctionsClosed,
  type FunctionsOptions,
} from './functions.js';
export type { LogLine, LogPage, LogQuery } from './log.js';
export type { FunctionRecords } from './records.js';
export { type FunctionReference, parseFunctionReference } from './reference.js';
export { FunctionRefusal } from './refusal.js';
