import type { Functions } from '../../functions/index.js';
import type { AsyncInvocations } from '../../services/async-invocations.js';

/** What Lambda's actions reach. */
export interface LambdaPorts {
  readonly functions: Pick<
    Functions,
    | 'create'
    | 'updateCode'
    | 'updateConfiguration'
    | 'get'
    | 'find'
    | 'list'
    | 'remove'
    | 'invoke'
    | 'onLine'
    | 'versions'
  >;
  readonly events: Pick<AsyncInvocations, 'enqueue'>;
}
