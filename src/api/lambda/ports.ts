import type { Functions } from '../../functions/index.js';
import type { AsyncInvocations } from '../../services/async-invocations.js';
import type { EventSources } from '../../services/event-sources/event-sources.js';
import type { FunctionUrls } from '../../services/http/function-urls.js';

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
    | 'attachments'
    | 'layers'
  >;
  readonly events: Pick<AsyncInvocations, 'enqueue'>;
  readonly urls: Pick<FunctionUrls, 'find' | 'list' | 'put' | 'remove' | 'endpointUrl'>;
  readonly sources: Pick<EventSources, 'create' | 'get' | 'list' | 'update' | 'remove'>;
}
