import type { Place } from '../arn.js';

/**
 * One request of an AWS client, decoded: which protocol it came by no longer matters.
 *
 * Inputs: a blob of a JSON body is base64 text as it came; a body that is one member as a whole (Lambda's Payload) is its
 * text. Query protocols give every scalar as text, lists as arrays (an empty one as ''), maps as objects.
 * Outputs: JSON protocols take what JSON.stringify writes; timestamps are numbers of epoch seconds with a fraction
 * (`at / 1000`), except where the service model says text (Lambda's LastModified). Query protocols take texts, numbers,
 * booleans, arrays (lists), objects (structures) and Maps (maps); timestamps are ISO texts. Members that are undefined are
 * left out; an output of undefined is an empty answer. A service that speaks several protocols gives its timestamps as
 * `Timestamp`; in its inputs a timestamp of CBOR is a number of epoch seconds, as in JSON.
 */
export interface ApiCall {
  readonly place: Place;
  /** Members by their names in the service model; unchecked (each action parses it with its own schema). */
  readonly input: unknown;
  readonly requestId: string;
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal;
  /** Calls with the same key are one (a Task's call that is performed again); calls of clients have none. */
  readonly key?: string;
  /** X-Amzn-Trace-Id, where the client sent one. */
  readonly traceHeader?: string | undefined;
}

/** Answers with the output's members. Throws ApiError for what clients should see; anything else is our fault (500). */
export type Action = (call: ApiCall) => Promise<unknown>;

/** One AWS service's actions by operation name. */
export interface ApiService {
  /** As in the credential scope: `states`, `lambda`, `dynamodb`, `sns`, `sts`. */
  readonly name: string;
  readonly actions: ReadonlyMap<string, Action>;
}

/** What an AWS client sees as an exception. `code` is the exception's name in the service model. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  constructor(
    readonly code: string,
    message: string,
    /** HTTP status; 400 unless the service model says otherwise. */
    readonly status: number = 400,
    /** Further members of the exception's shape. */
    readonly members: Readonly<Record<string, unknown>> = {},
    /** Further headers of the answer. */
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}
