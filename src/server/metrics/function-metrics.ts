import { parseArn } from '../../arn.js';
import type { FunctionCall } from '../../functions/index.js';
import type { Metrics } from '../../services/metrics/metrics.js';
import { Sources } from './sources.js';

/** The metrics that AWS has of Lambda's functions: of each one, and of all together. */
export class FunctionMetrics {
  readonly #sources: Sources;

  constructor(
    metrics: Metrics,
    private readonly now: () => number,
  ) {
    this.#sources = new Sources(metrics, 'AWS/Lambda');
  }

  called({ functionArn, result, durationMs, concurrency }: FunctionCall): void {
    const at = this.now();
    const { region, account, resource } = parseArn(functionArn) ?? { region: '', account: '', resource: '' };
    const place = { region, account };
    const name = resource.split(':')[1] ?? '';
    const sources = [
      this.#sources.of(place, '', () => []),
      this.#sources.of(place, name, () => [{ name: 'FunctionName', value: name }]),
    ];
    const isThrottled = result.type === 'refused' && result.code === 'TooManyRequestsException';
    for (const source of sources) {
      if (result.type === 'refused') {
        if (isThrottled) source.count('Throttles', 1, at); // as on AWS, no invocation
        continue;
      }
      source.count('Invocations', 1, at);
      source.count('Errors', result.type === 'failed' ? 1 : 0, at);
      source.count('ConcurrentExecutions', concurrency, at);
      if (durationMs !== null) source.milliseconds('Duration', durationMs, at);
    }
  }
}
