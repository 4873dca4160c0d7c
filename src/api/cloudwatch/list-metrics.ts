import { z } from 'zod';
import { METRIC_LIST_PAGE } from '../../limits/services.js';
import type { Metrics } from '../../services/metrics/metrics.js';
import { type MetricId, seriesKey } from '../../services/metrics/series.js';
import { listOf } from '../input.js';
import type { ApiCall } from '../port.js';
import { invalidToken } from './faults.js';
import { BOOLEAN, METRIC_NAME, NAMESPACE, read } from './input.js';

const INPUT = z.object({
  Namespace: NAMESPACE.optional(),
  MetricName: METRIC_NAME.optional(),
  Dimensions: listOf(z.object({ Name: z.string(), Value: z.string().optional() })).optional(),
  NextToken: z.string().optional(),
  RecentlyActive: z.literal('PT3H').optional(),
  IncludeLinkedAccounts: BOOLEAN.optional(),
  OwningAccount: z.string().optional(),
});
type Input = z.infer<typeof INPUT>;

/** AWS: a metric without values for two weeks is listed no longer. */
const LISTED_MS = 14 * 24 * 60 * 60_000;
const RECENT_MS = 3 * 60 * 60_000;

/** In order of their keys; one in several units is one metric. */
export async function listMetrics(metrics: Metrics, call: ApiCall, now: number): Promise<object> {
  const input = read(INPUT, call);
  const after = readToken(input.NextToken);
  const found = new Map<string, MetricId>();
  for (const { id } of metrics.active(now - (input.RecentlyActive === undefined ? LISTED_MS : RECENT_MS))) {
    const key = seriesKey({ ...id, unit: '' });
    if (key > after && matches(id, input, call)) found.set(key, id);
  }
  const sorted = [...found].sort(([a], [b]) => (a < b ? -1 : 1));
  const shown = sorted.slice(0, METRIC_LIST_PAGE);
  return {
    Metrics: shown.map(([, { namespace, name, dimensions }]) => ({
      Namespace: namespace,
      MetricName: name,
      Dimensions: dimensions.map((dimension) => ({ Name: dimension.name, Value: dimension.value })),
    })),
    ...(sorted.length > shown.length && {
      NextToken: Buffer.from(shown.at(-1)?.[0] ?? '').toString('base64url'),
    }),
  };
}

/** A filter with a name only takes every value of that dimension; the metric may have further dimensions. */
function matches(id: MetricId, { Namespace, MetricName, Dimensions = [], OwningAccount }: Input, { place }: ApiCall) {
  if (id.place.account !== place.account || id.place.region !== place.region) return false;
  if (OwningAccount !== undefined && OwningAccount !== place.account) return false;
  if (Namespace !== undefined && id.namespace !== Namespace) return false;
  if (MetricName !== undefined && id.name !== MetricName) return false;
  return Dimensions.every(({ Name, Value }) =>
    id.dimensions.some(({ name, value }) => name === Name && (Value === undefined || value === Value)),
  );
}

function readToken(token: string | undefined): string {
  if (token === undefined) return '';
  const key = Buffer.from(token, 'base64url').toString();
  if (!key.startsWith('[')) throw invalidToken();
  return key;
}
