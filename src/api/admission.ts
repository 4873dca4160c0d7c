import type { IncomingMessage, ServerResponse } from 'node:http';
import { REQUEST_BASE_BYTES, REQUESTS_BYTES_MAX, REQUESTS_IN_FLIGHT_MAX } from '../limits.js';
import { apiError } from './errors.js';
import { ApiError } from './port.js';

export interface AdmissionBounds {
  readonly requestsMax: number;
  readonly bytesMax: number;
}

/** Requests that bring new work are refused first; whatever ends work, or is a part of it, has twice the room. */
const BRINGS_WORK =
  /\.(?:StartExecution|StartSyncExecution|SendMessage|SendMessageBatch|PutEvents)$|\/invocations$|\/invoke-async\/?$/;
/** They wait for something, for minutes: their bytes count, but they are not in the way of others. */
const WAITS = /\.(?:GetActivityTask|ReceiveMessage|StartSyncExecution|TestState)$|\/invocations$/;

/** Keeps the memory of requests flat: one that finds no room is refused before its body is read. */
export class Admission {
  #requests = 0;
  #bytes = 0;

  constructor(
    private readonly bounds: AdmissionBounds = { requestsMax: REQUESTS_IN_FLIGHT_MAX, bytesMax: REQUESTS_BYTES_MAX },
  ) {}

  /** False when the request is to be refused. Its room is free again when its answer has been sent, or its client is gone. */
  admits(request: IncomingMessage, response: ServerResponse): boolean {
    const operation = operationOf(request);
    const factor = BRINGS_WORK.test(operation) ? 1 : 2;
    const requests = WAITS.test(operation) ? 0 : 1;
    const bytes = REQUEST_BASE_BYTES + Number(request.headers['content-length'] ?? 0);
    const { requestsMax, bytesMax } = this.bounds;
    if (this.#requests + requests > requestsMax * factor) return false;
    if (this.#bytes > 0 && this.#bytes + bytes > bytesMax * factor) return false; // a large one may come alone
    this.#requests += requests;
    this.#bytes += bytes;
    response.once('close', () => {
      this.#requests -= requests;
      this.#bytes -= bytes;
    });
    return true;
  }
}

function operationOf({ headers, url = '' }: IncomingMessage): string {
  const target = headers['x-amz-target'];
  if (typeof target === 'string') return target;
  const query = url.indexOf('?');
  return query < 0 ? url : url.slice(0, query);
}

/** As AWS's clients know it from this service: they slow down and send it again. */
export function throttled(service: string): ApiError {
  if (service === 's3') return apiError('SlowDown', 'Please reduce your request rate.');
  if (service === 'lambda') return apiError('TooManyRequestsException', 'Rate exceeded');
  return new ApiError('ThrottlingException', 'Rate exceeded');
}
