import type { JsonValue } from '../../payload/index.js';

/** What a path starts from. */
export type Root =
  | { readonly type: 'input' }
  | { readonly type: 'context' }
  | { readonly type: 'variable'; readonly name: string };

/** What stays the same while one path is evaluated. */
export interface Surroundings {
  /** What `$` inside a filter stands for. */
  readonly root: JsonValue;
  /** Values that may still be visited (PATH_VISITS_MAX). */
  visitsLeft: number;
}

/** Looks for a value below `value`; undefined where there is none. */
export type Finder = (value: JsonValue, around: Surroundings) => JsonValue | undefined;
export type Predicate = (value: JsonValue, around: Surroundings) => boolean;
/** A path function without arguments; undefined where it has no answer. */
export type PathFunction = (value: JsonValue) => JsonValue | undefined;

/** One part of a path. */
export type Token =
  /** `.a`, `['a']`, `['a','b']` */
  | { readonly type: 'child'; readonly names: readonly string[]; readonly quote: string }
  /** `[0]`, `[-1]`, `[0,2]` */
  | { readonly type: 'index'; readonly indexes: readonly number[] }
  /** `[1:]`, `[:2]`, `[1:2]` */
  | { readonly type: 'slice'; readonly from: number | null; readonly to: number | null }
  /** `.*`, `[*]` */
  | { readonly type: 'wildcard' }
  /** `..`: applies the token after it at every depth. */
  | { readonly type: 'scan' }
  /** `[?(…)]` */
  | { readonly type: 'filter'; readonly accepts: Predicate }
  /** `.length()`; always the last token. */
  | { readonly type: 'function'; readonly name: string; readonly apply: PathFunction };

export interface PathSyntax {
  readonly root: Root;
  readonly tokens: readonly Token[];
}
