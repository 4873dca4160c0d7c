import type { IncomingHttpHeaders } from 'node:http';
import type { ApiError } from '../port.js';

/** An HTTP request of an AWS client, with its body. */
export interface RawRequest {
  readonly method: string;
  /** As sent, still percent-encoded, without the query. */
  readonly path: string;
  /** Without `?`; empty when there is none. */
  readonly query: string;
  readonly headers: IncomingHttpHeaders;
  /** Empty where `stream` is set. */
  readonly body: Buffer;
  /** The body as it comes, for the one protocol that reads it so (rest-xml); the others get it whole. */
  readonly stream?: AsyncIterable<Uint8Array>;
}

export interface Decoded {
  readonly operation: string;
  readonly input: unknown;
}

/** What goes back; `x-amzn-RequestId` and Content-Length are added by the front. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
  /** Sent instead of the body, in answers to streamed requests only; then the headers have its Content-Length. */
  readonly stream?: AsyncIterable<Uint8Array>;
}

/** One protocol between HTTP and operations, bound to one request's target. */
export interface Codec {
  readonly protocol: 'json' | 'query' | 'rest-json' | 'rest-xml' | 'cbor';
  /** Throws ApiError. */
  decode(request: RawRequest): Decoded;
  encode(output: unknown, operation: string, requestId: string): RawAnswer;
  encodeError(error: ApiError, requestId: string): RawAnswer;
}

/** The request's target: which service, in which protocol. */
export interface Target {
  /** As in the credential scope. */
  readonly service: string;
  readonly codec: Codec;
}
