// What scripts/generate-jsonata.mjs makes of the published JSONata module.

import type { Evaluation, Frame, JsonataHost } from './frame.js';

/** A node of a parsed expression. */
export interface Expression {
  readonly type: string;
  readonly value?: unknown;
  readonly position?: number;
  readonly [property: string]: unknown;
}

export interface FunctionDefinition {
  readonly implementation: (this: NativeFocus, ...given: never[]) => unknown;
}

export interface NativeFocus {
  readonly environment: { readonly base: Evaluation };
}

/** Throws `{ code, position, token?, value? }`, or an Error. */
export function parser(text: string): Expression;
/** Throws what a faulty expression throws: `{ code, … }`, or an Error. */
export function run(expression: Expression, host: JsonataHost): unknown;
export function defineFunction(
  implementation: (this: NativeFocus, ...given: never[]) => unknown,
  signature: string,
): FunctionDefinition;
/** Where functions are looked up. */
export const staticFrame: Frame;
/** Sets `message` of an error that has a `code`. */
export function populateMessage(error: { code?: unknown; message?: unknown }): void;
