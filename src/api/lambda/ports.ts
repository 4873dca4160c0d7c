import type { Functions } from '../../functions/index.js';
import type { AsyncInvocations } from '../../services/async-invocations.js';
import type { EventSources } from '../../services/event-sources/event-sources.js';
import type { FunctionUrls } from '../../services/http/function-urls.js';
import type { ObjectStore } from '../../services/s3/object-store.js';

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
  /** Where code may lie. */
  readonly objects: Pick<ObjectStore, 'getObject'>;
  readonly urls: Pick<FunctionUrls, 'find' | 'list' | 'put' | 'remove' | 'endpointUrl'>;
  readonly sources: Pick<EventSources, 'create' | 'get' | 'list' | 'update' | 'remove'>;
}
