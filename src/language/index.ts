export { childDefinition } from './child-definition.js';
export type {
  Assign,
  Block,
  Catcher,
  ChoiceRule,
  ChoiceState,
  Definition,
  DistributedMap,
  Expression,
  FailState,
  MapState,
  NumberField,
  ParallelState,
  PassState,
  Path,
  QueryLanguage,
  ReferencePath,
  Resource,
  Retrier,
  Scope,
  State,
  SucceedState,
  TaskState,
  Template,
  WaitState,
} from './definition.js';
export type { Diagnostic } from './diagnostic.js';
export { explainDiagnostic } from './explain-diagnostic.js';
export { formatInvalidDefinition } from './invalid-definition.js';
export { type ParsedDefinition, parseDefinition } from './parse-definition.js';
export { QUERY_EVALUATION_ERROR, queryError, runtimeError, StatesError } from './states-error.js';
