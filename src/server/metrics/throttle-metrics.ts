import type { CountedCall } from '../../api/states/index.js';
import type { Metrics } from '../../services/metrics/metrics.js';
import { Sources } from './sources.js';

/** AWS's metrics of throttled API actions, by APIName. There are some only where calls are counted. */
export function throttleMetrics(metrics: Metrics, now: () => number): (call: CountedCall) => void {
  const sources = new Sources(metrics, 'AWS/States');
  return ({ place, name, bucket, isTaken }) => {
    const source = sources.of(place, `api ${name}`, () => [{ name: 'APIName', value: name }]);
    const at = now();
    source.count('ProvisionedBucketSize', bucket.size, at);
    source.count('ProvisionedRefillRate', bucket.perSecond, at);
    source.count('ConsumedCapacity', isTaken ? 1 : 0, at);
    source.count('ThrottledEvents', isTaken ? 0 : 1, at);
  };
}
