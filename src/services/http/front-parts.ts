import { FRONT_PARTS_MAX } from '../../limits/services.js';
import type { RecordStore } from '../../store/ports.js';
import { everyRecord } from '../../store/record-pages.js';
import { putJson } from '../../store/record-writes.js';
import type {
  ApiPart,
  AuthorizerPart,
  FrontPart,
  Integration,
  KeyPart,
  RoutePart,
  StagePart,
  UrlPart,
  WebhookPart,
} from './part.js';

const COLLECTION = 'http.part';
const PAGE = 500;

/** Everything that has an address at this server: APIs, functions' addresses, webhooks. */
export type Address = ApiPart | UrlPart | WebhookPart;

export interface FrontPartsOptions {
  readonly records: Pick<RecordStore, 'scan' | 'write'>;
}

/** There is no room for more. */
export class TooManyParts extends Error {
  override readonly name = 'TooManyParts';
}

/** The parts of the front door: durable in the store, all of them in memory. */
export class FrontParts {
  readonly #parts = new Map<string, FrontPart>();
  /** Made anew after each change. */
  #index: Index | null = null;

  private constructor(private readonly options: FrontPartsOptions) {}

  static async open(options: FrontPartsOptions): Promise<FrontParts> {
    const parts = new FrontParts(options);
    for await (const { key, value } of everyRecord(options.records, { collection: COLLECTION, limit: PAGE }))
      parts.#parts.set(key, JSON.parse(value) as FrontPart); // our own text
    return parts;
  }

  find(name: string): FrontPart | null {
    return this.#parts.get(name) ?? null;
  }

  /** Durable when it resolves. Throws TooManyParts. */
  async put(part: FrontPart): Promise<void> {
    if (!this.#parts.has(part.name) && this.#parts.size >= FRONT_PARTS_MAX) {
      throw new TooManyParts(
        `Expected at most ${FRONT_PARTS_MAX} routes, addresses and other parts, but there are so many.`,
      );
    }
    await this.options.records.write([putJson(COLLECTION, part.name, part)]);
    this.#parts.set(part.name, part);
    this.#index = null;
  }

  /** Durable when it resolves; nothing happens when there is none. */
  async remove(name: string): Promise<void> {
    if (!this.#parts.has(name)) return;
    await this.options.records.write([{ type: 'delete', collection: COLLECTION, key: name }]);
    this.#parts.delete(name);
    this.#index = null;
  }

  /** By its id or, where no id is meant, by what people call it: a webhook, an API, a function. */
  address(text: string): Address | null {
    return this.#built.byId.get(text) ?? this.#built.byTitle.get(text) ?? null;
  }

  routes(apiId: string): readonly RoutePart[] {
    return this.#built.routes.get(apiId) ?? [];
  }

  stages(apiId: string): readonly StagePart[] {
    return this.#built.stages.get(apiId) ?? [];
  }

  /** Null: the route names one that is not there. */
  integration(route: RoutePart): Integration | null {
    const { integration } = route;
    if (integration.type !== 'part') return integration;
    return this.#built.integrations.get(`${route.apiId} ${integration.id}`) ?? null;
  }

  authorizer(apiId: string, id: string): AuthorizerPart | null {
    return this.#built.authorizers.get(`${apiId} ${id}`) ?? null;
  }

  /** The enabled key of this value whose plan opens the stage; null: there is none. */
  key(value: string, apiId: string, stage: string): KeyPart | null {
    const key = this.#built.keys.get(value);
    if (key === undefined || !key.isEnabled) return null;
    return this.#built.opened.has(`${key.id} ${apiId} ${stage}`) ? key : null;
  }

  keys(): readonly KeyPart[] {
    return [...this.#built.keys.values()];
  }

  urls(): readonly UrlPart[] {
    return [...this.#built.byId.values()].flatMap((part) => (part.part === 'url' ? [part] : []));
  }

  webhooks(): readonly WebhookPart[] {
    return [...this.#built.byTitle.values()].flatMap((part) => (part.part === 'webhook' ? [part] : []));
  }

  get #built(): Index {
    this.#index ??= indexOf([...this.#parts.values()]);
    return this.#index;
  }
}

interface Index {
  readonly byId: Map<string, ApiPart | UrlPart>;
  readonly byTitle: Map<string, Address>;
  readonly routes: Map<string, RoutePart[]>;
  readonly stages: Map<string, StagePart[]>;
  readonly integrations: Map<string, Integration>;
  readonly authorizers: Map<string, AuthorizerPart>;
  readonly keys: Map<string, KeyPart>;
  /** `<key> <API> <stage>`. */
  readonly opened: Set<string>;
}

function indexOf(parts: readonly FrontPart[]): Index {
  const index: Index = {
    byId: new Map(),
    byTitle: new Map(),
    routes: new Map(),
    stages: new Map(),
    integrations: new Map(),
    authorizers: new Map(),
    keys: new Map(),
    opened: new Set(),
  };
  const plans = new Map(parts.flatMap((part) => (part.part === 'plan' ? [[part.id, part.stages] as const] : [])));
  for (const part of parts) addTo(index, part);
  for (const part of parts) {
    if (part.part !== 'planKey') continue;
    for (const { apiId, stage } of plans.get(part.planId) ?? []) index.opened.add(`${part.keyId} ${apiId} ${stage}`);
  }
  return index;
}

/** Webhooks come before APIs, and APIs before functions, where they have one name. */
const RANK = { webhook: 0, api: 1, url: 2 } as const;

function addTo(index: Index, part: FrontPart): void {
  const name = (title: string, address: Address): void => {
    const other = index.byTitle.get(title);
    if (other === undefined || RANK[address.part] < RANK[other.part]) index.byTitle.set(title, address);
  };
  switch (part.part) {
    case 'api':
      index.byId.set(part.id, part);
      return name(part.title, part);
    case 'url':
      index.byId.set(part.id, part);
      return name(part.qualifier === null ? part.functionName : `${part.functionName}:${part.qualifier}`, part);
    case 'webhook':
      return name(part.title, part);
    case 'route':
      index.routes.set(part.apiId, [...(index.routes.get(part.apiId) ?? []), part]);
      return;
    case 'stage':
      index.stages.set(part.apiId, [...(index.stages.get(part.apiId) ?? []), part]);
      return;
    case 'integration':
      index.integrations.set(`${part.apiId} ${part.id}`, part.integration);
      return;
    case 'authorizer':
      index.authorizers.set(`${part.apiId} ${part.id}`, part);
      return;
    case 'key':
      index.keys.set(part.value, part);
      return;
    case 'plan':
    case 'planKey':
      return;
    default:
      part satisfies never;
  }
}
