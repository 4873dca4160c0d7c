import { TRACE_HEADER_CHARS_MAX } from '../limits.js';
import type { RawRequest } from './protocols/protocol.js';

/** X-Amzn-Trace-Id as a client has sent it; one that is no text of AWS's length is left out. */
export function traceHeaderOf({ headers }: Pick<RawRequest, 'headers'>): string | undefined {
  const header = headers['x-amzn-trace-id'];
  const isUsable = typeof header === 'string' && header !== '' && header.length <= TRACE_HEADER_CHARS_MAX;
  return isUsable ? header : undefined;
}
