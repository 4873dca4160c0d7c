import { HttpFront } from '../api/http-front/front.js';
import { Webhooks, webhookWaitKeys } from '../api/http-front/webhooks.js';
import type { ApiService } from '../api/port.js';
import type { ExecutionActionsOptions } from '../api/states/index.js';
import { systemClock, type WaitKeys } from '../host/index.js';
import { FrontParts } from '../services/http/front-parts.js';
import { FunctionUrls } from '../services/http/function-urls.js';
import type { Invoker } from '../services/ports.js';
import type { RecordStore } from '../store/ports.js';
import { executionStarts } from './execution-starter.js';

export interface FrontDoorOptions {
  readonly records: RecordStore;
  readonly invoker: Invoker;
  readonly endpointUrl: () => string;
  readonly states: () => ExecutionActionsOptions;
  readonly report: (line: string) => void;
}

/** The HTTP front door: what is deployed to it, and what serves it. */
export interface FrontDoor {
  readonly parts: FrontParts;
  readonly urls: FunctionUrls;
  readonly webhooks: Webhooks;
  readonly waitKeys: WaitKeys;
  /** With these services' actions as integrations. */
  door(api: {
    readonly services: readonly ApiService[];
    readonly place: { readonly account: string };
    readonly report: (fault: unknown, about: { readonly service: string; readonly requestId: string }) => void;
  }): HttpFront;
}

export async function openFront({
  records,
  invoker,
  endpointUrl,
  states,
  report,
}: FrontDoorOptions): Promise<FrontDoor> {
  const parts = await FrontParts.open({ records });
  const clock = systemClock;
  const executions = executionStarts(states);
  const webhooks = new Webhooks({ records, clock, executions, host: () => states().host, report });
  return {
    parts,
    urls: new FunctionUrls(parts, clock, endpointUrl),
    webhooks,
    waitKeys: webhookWaitKeys(parts),
    door: ({ services, place, report: reportFault }) => {
      const actions = new Map(services.map((service) => [service.name, service.actions]));
      const action = (service: string, operation: string) => actions.get(service)?.get(operation);
      return new HttpFront({ parts, invoker, webhooks, action, clock, account: place.account, report: reportFault });
    },
  };
}
