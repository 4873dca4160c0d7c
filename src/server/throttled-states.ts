import type { ApiService } from '../api/port.js';
import { statesService, statesThrottling } from '../api/states/index.js';
import { gated } from '../api/throttle.js';
import type { Observability } from './metrics/index.js';
import { throttleMetrics } from './metrics/throttle-metrics.js';
import type { ServerOptions } from './server-options.js';

/** Step Functions' API, throttled where the owner wants it to be. */
export function throttledStates(
  { throttle }: Pick<ServerOptions, 'throttle'>,
  states: Parameters<typeof statesService>[0],
  { metrics }: Pick<Observability, 'metrics'>,
): ApiService {
  const service = statesService(states);
  if (throttle == null) return service;
  const { machines, now } = states;
  return gated(
    service,
    statesThrottling({ settings: throttle, machines, now, counted: throttleMetrics(metrics, now) }),
  );
}
