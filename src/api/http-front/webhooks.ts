import { type EmbeddedHost, OPEN_WAITS, type OpenWait, type WaitKeys, waitsByKey } from '../../host/index.js';
import { WAIT_KEY_CHARS_MAX, WEBHOOK_DELIVERIES_KEPT_MS } from '../../limits/services.js';
import { isObject, type JsonValue, memberOf, type Payload, parsePayload, writeJson } from '../../payload/index.js';
import { parseJsonPath } from '../../services/events/json-path.js';
import type { FrontParts } from '../../services/http/front-parts.js';
import type { WebhookCompletion, WebhookPart } from '../../services/http/part.js';
import { deliveryId, deliveryMarks, refusedSignature } from '../../services/http/webhook-signature.js';
import { Performed } from '../../services/performed.js';
import type { Clock, Executions } from '../../services/ports.js';
import { RecordConflict, type RecordStore } from '../../store/ports.js';
import { putJson } from '../../store/record-writes.js';
import { parsedBody } from './expressions.js';
import { type FrontAnswer, type FrontRequest, jsonAnswer, messageAnswer } from './front-request.js';

const DELIVERIES = 'webhook.deliveries';
/** Deliveries that were taken and whose execution may not have heard of them yet. */
const INBOX = 'webhook.inbox';
const INBOX_PAGE = 100;

export interface WebhooksOptions {
  readonly records: RecordStore;
  readonly clock: Clock;
  readonly executions: Executions;
  /** Asked at each delivery: the host is opened later. */
  readonly host: () => Pick<EmbeddedHost, 'awaitedTask' | 'deliver'>;
  readonly report: (line: string) => void;
}

/** What a delivery leads to, as it lies in the inbox. */
type Taken =
  | { readonly type: 'start'; readonly machineArn: string; readonly name: string; readonly input: string }
  /** `output` is JSON text. */
  | { readonly type: 'complete'; readonly execution: number; readonly task: number; readonly output: string };

/**
 * Deliveries of other services: each starts an execution or completes one that waits, once, however often it comes, and is answered
 * when that is durable. What was taken when the process died goes on at the next start.
 */
export class Webhooks {
  readonly #deliveries: Performed;

  constructor(private readonly options: WebhooksOptions) {
    const { records, clock } = options;
    this.#deliveries = new Performed(records, clock, DELIVERIES, WEBHOOK_DELIVERIES_KEPT_MS);
  }

  /** Hands on what was taken before; to be called before timers fire, so that a wait that was answered does not time out. */
  async recover(): Promise<void> {
    this.#deliveries.start(this.options.report);
    for (;;) {
      const query = { collection: INBOX, prefix: '', after: null, limit: INBOX_PAGE };
      const rows = await this.options.records.scan(query);
      for (const { key, value } of rows) await this.#handOn(key, JSON.parse(value) as Taken); // our own text
      if (rows.length < INBOX_PAGE) return;
    }
  }

  close(): void {
    this.#deliveries.stop();
  }

  async serve(webhook: WebhookPart, request: FrontRequest): Promise<FrontAnswer> {
    if (request.method !== 'POST') return messageAnswer(405, 'Method Not Allowed', { allow: 'POST' });
    const delivery = { headers: request.headers, body: request.body, at: request.at };
    const refusal = refusedSignature(webhook, delivery);
    if (refusal !== null) return messageAnswer(401, refusal);
    const body = parsedBody(request.body.toString('utf8'));
    if (body === undefined) return messageAnswer(400, 'Expected a delivery in JSON, but its body is none.');
    const marks = deliveryMarks(webhook, delivery).map((mark) => `${webhook.name} ${mark}`);
    if (await this.#isKnown(marks)) return this.#repeated(marks);
    const taken = await this.#read(webhook, { id: deliveryId(webhook, delivery), body });
    return 'status' in taken ? taken : this.#take(marks, taken);
  }

  async #isKnown(marks: readonly string[]): Promise<boolean> {
    const found = await Promise.all(marks.map((mark) => this.#deliveries.find(mark)));
    return found.some((mark) => mark !== null);
  }

  /** What is to be done, or why nothing is. */
  async #read(
    webhook: WebhookPart,
    { id, body }: { readonly id: string; readonly body: JsonValue },
  ): Promise<Taken | FrontAnswer> {
    const { effect, machineArn, title } = webhook;
    if (effect.type === 'complete') return this.#findWait(webhook, effect, body);
    // The same delivery is the same name, and so the same execution.
    return { type: 'start', machineArn, name: `${title.slice(0, 30)}-${id.slice(0, 40)}`, input: writeJson(body) };
  }

  async #findWait(webhook: WebhookPart, effect: WebhookCompletion, body: JsonValue): Promise<Taken | FrontAnswer> {
    const { records } = this.options;
    const business = keyText(parseJsonPath(effect.bodyKey)?.read(body));
    if (business === null) {
      return messageAnswer(400, `Expected a text or a number at ${effect.bodyKey} of the body, but there is none.`);
    }
    const [wait, second] = await waitsByKey(records, indexKey(webhook.machineArn, effect, business), 2);
    if (second !== undefined) {
      return messageAnswer(409, `Expected one execution that waits for '${business}', but there are several.`);
    }
    const text = wait === undefined ? null : await records.get(OPEN_WAITS, wait);
    if (text === null) {
      return messageAnswer(404, `Expected an execution that waits for '${business}', but there is none.`);
    }
    const { execution, task } = JSON.parse(text) as OpenWait; // our own text
    return { type: 'complete', execution, task, output: writeJson(body) };
  }

  /** Taken with its marks in one transaction; answered when it is done. */
  async #take(marks: readonly string[], taken: Taken): Promise<FrontAnswer> {
    const [inbox = ''] = marks;
    const status = taken.type === 'start' ? 'started' : 'completed';
    try {
      const written = marks.map((mark) => this.#deliveries.markOf(mark, inbox));
      await this.options.records.write([...written, putJson(INBOX, inbox, taken)]);
    } catch (fault) {
      if (!(fault instanceof RecordConflict)) throw fault;
      return this.#repeated(marks); // the same delivery, at the same moment
    }
    const refusal = await this.#handOn(inbox, taken);
    if (refusal === null) return jsonAnswer(200, { status, ...(taken.type === 'start' && { name: taken.name }) });
    // Nothing came of it: it may come again.
    const { records } = this.options;
    await records.write(marks.map((mark) => ({ type: 'delete', collection: DELIVERIES, key: mark })));
    return messageAnswer(400, refusal);
  }

  /** Answered when the first of it is done with. */
  async #repeated(marks: readonly string[]): Promise<FrontAnswer> {
    for (const mark of marks) {
      const inbox = await this.#deliveries.find(mark);
      const text = inbox === null ? null : await this.options.records.get(INBOX, inbox);
      if (inbox !== null && text !== null) await this.#handOn(inbox, JSON.parse(text) as Taken); // our own text
    }
    return jsonAnswer(200, { status: 'repeated' });
  }

  /** Told twice, it has one effect. Gives why nothing came of it; null: it was done. */
  async #handOn(inbox: string, taken: Taken): Promise<string | null> {
    const refusal = taken.type === 'start' ? await this.#start(taken) : await this.#complete(taken);
    await this.options.records.write([{ type: 'delete', collection: INBOX, key: inbox }]);
    return refusal;
  }

  async #start({ machineArn, input, name }: Taken & { type: 'start' }): Promise<string | null> {
    const outcome = await this.options.executions.start(machineArn, input, name);
    return outcome.type === 'refused' ? `${outcome.code}: ${outcome.message}` : null;
  }

  async #complete({ execution, task, output }: Taken & { type: 'complete' }): Promise<null> {
    const host = this.options.host();
    if ((await host.awaitedTask(execution, task)) !== null) {
      await host.deliver(execution, { type: 'TaskSucceeded', task, output: parsePayload(output) });
    }
    return null;
  }
}

/** Which waits webhooks find, and by what: of the tasks that are scheduled from now on. */
export function webhookWaitKeys(parts: Pick<FrontParts, 'webhooks'>): WaitKeys {
  const completing = (machineArn: string) =>
    parts
      .webhooks()
      .flatMap(({ machineArn: own, effect }) => (own === machineArn && effect.type === 'complete' ? [effect] : []));
  return {
    hasKeys: (machineArn) => completing(machineArn).length > 0,
    keysOf: ({ machineArn, state, parameters }) => [
      ...new Set(
        completing(machineArn).flatMap((effect) => {
          const business = effect.state === state ? keyText(sentValue(effect.waitKey, parameters)) : null;
          return business === null ? [] : [indexKey(machineArn, effect, business)];
        }),
      ),
    ],
  };
}

/** What the task sends is looked at as a whole, and then as what its receiver sees of it. */
const CONTENTS = ['Payload', 'MessageBody', 'Message', 'Input'] as const;

function sentValue(path: string, parameters: Payload): JsonValue | undefined {
  const reader = parseJsonPath(path);
  const whole = parameters.value;
  const found = reader?.read(whole);
  if (found !== undefined || !isObject(whole)) return found;
  for (const name of CONTENTS) {
    const content = memberOf(whole, name);
    const value = typeof content === 'string' ? parsedBody(content) : content;
    const inner = value === undefined ? undefined : reader?.read(value);
    if (inner !== undefined) return inner;
  }
  return undefined;
}

const indexKey = (machineArn: string, { state, waitKey }: WebhookCompletion, business: string): string =>
  JSON.stringify([machineArn, state, waitKey, business]);

function keyText(value: JsonValue | undefined): string | null {
  const text =
    typeof value === 'string'
      ? value
      : value === undefined || value === null || isObject(value)
        ? ''
        : writeJson(value);
  return text === '' || text.length > WAIT_KEY_CHARS_MAX || Array.isArray(value) ? null : text;
}
