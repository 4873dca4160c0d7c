import type { InProcessApi } from '../api/in-process.js';
import type { Asked, AwsEndpoint, ServiceCall, WireAnswer } from '../integrations/index.js';

/** SES and DynamoDB each have two APIs under one name in signatures. */
const TWINS = new Set(['sesv2', 'dynamodbstreams']);

/** This server's own services, as Tasks of the AWS SDK integrations reach them. */
export class LocalEndpoint implements AwsEndpoint {
  #api: InProcessApi | null = null;

  /** The API is put together of what performs Tasks, so it comes later. */
  open(api: InProcessApi): void {
    this.#api = api;
  }

  has({ service, model, operation }: Asked): boolean {
    return this.#opened.has(TWINS.has(service) ? service : model.signingName, operation.name);
  }

  send({ model, request, region, key, traceHeader }: ServiceCall, signal: AbortSignal): Promise<WireAnswer> {
    const { method, path, query, headers, body } = request;
    const text = query.map((pair) => pair.map(encodeURIComponent).join('=')).join('&');
    return this.#opened.send({
      method,
      path,
      query: text,
      headers: traceHeader === undefined ? headers : { ...headers, 'x-amzn-trace-id': traceHeader },
      body,
      service: model.signingName,
      region,
      signal,
      key,
    });
  }

  get #opened(): InProcessApi {
    if (this.#api === null) throw new Error('Broken invariant: no Task is performed before the services are open');
    return this.#api;
  }
}
