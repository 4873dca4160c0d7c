/** A name for a version; calls go to it, or by chance to another one (`routing`). */
export interface FunctionAlias {
  readonly name: string;
  /** A number, or `$LATEST`. */
  readonly version: string;
  readonly description: string;
  /** At most one other version, with the part of the calls that it gets: 0 to 1. */
  readonly routing: Readonly<Record<string, number>>;
  readonly revisionId: string;
}

/** What becomes of asynchronous calls; null means AWS's default. */
export interface EventInvokeConfig {
  readonly retriesMax: number | null;
  readonly ageSecondsMax: number | null;
  /** ARNs, or null. */
  readonly onSuccess: string | null;
  readonly onFailure: string | null;
  readonly lastModifiedAt: number;
}

/** What belongs to a function as a whole. Maps by qualifier have `$LATEST` for the function itself. */
export interface FunctionExtras {
  /** The last number given; never given again, even when the function is made anew. */
  readonly lastVersion: number;
  readonly aliases: Readonly<Record<string, FunctionAlias>>;
  readonly tags: Readonly<Record<string, string>>;
  /** Statements of the resource policy by qualifier (`''` for none): kept without effect. */
  readonly policies: Readonly<Record<string, readonly PolicyStatement[]>>;
  readonly eventInvoke: Readonly<Record<string, EventInvokeConfig>>;
}

export interface PolicyStatement {
  readonly Sid: string;
  readonly [member: string]: unknown;
}

export const NO_EXTRAS: FunctionExtras = { lastVersion: 0, aliases: {}, tags: {}, policies: {}, eventInvoke: {} };
