/**
 * Marks by which the evaluator tells its own arrays and functions from payloads. The published module uses ordinary
 * property names; symbols cannot come in with a payload.
 */
export const SEQUENCE = Symbol('sequence');
export const TUPLE_STREAM = Symbol('tupleStream');
export const KEEP_SINGLETON = Symbol('keepSingleton');
export const CONS = Symbol('cons');
export const LAMBDA = Symbol('lambda');
export const FUNCTION = Symbol('function');
/** The keys of an object in order, where JavaScript would put integer-like ones first. */
export const KEY_ORDER = Symbol('keyOrder');

/** What the evaluator calls a function: a lambda, a native function's definition, a JavaScript function. */
export function isEngineFunction(value: unknown): boolean {
  if (typeof value === 'function') return true;
  return typeof value === 'object' && value !== null && (LAMBDA in value || FUNCTION in value);
}
