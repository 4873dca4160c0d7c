import { parseArn } from '../../arn.js';
import type { ExecutionLogging } from '../../host/ports.js';
import { ApiError } from '../port.js';

export type LogLevel = 'ALL' | 'ERROR' | 'FATAL' | 'OFF';

/** As DescribeStateMachine shows it. */
export interface LoggingConfiguration {
  readonly level: LogLevel;
  readonly includeExecutionData: boolean;
  readonly destinations?: readonly object[];
}

export const DEFAULT_LOGGING: LoggingConfiguration = { level: 'OFF', includeExecutionData: false };

const LEVELS: readonly string[] = ['ALL', 'ERROR', 'FATAL', 'OFF'];

/** What a request asks for, with AWS's defaults. Throws ValidationException, InvalidLoggingConfiguration. */
export async function readLogging(
  value: unknown,
  groupExists: (arn: string) => Promise<boolean>,
): Promise<LoggingConfiguration> {
  if (value === undefined) return DEFAULT_LOGGING;
  const source = (typeof value === 'object' && value !== null ? value : {}) as Readonly<Record<string, unknown>>;
  const { level = 'OFF', includeExecutionData = false, destinations } = source;
  if (!LEVELS.includes(level as string)) {
    throw new ApiError(
      'ValidationException',
      `1 validation error detected: Value '${level}' at 'loggingConfiguration.level' failed to satisfy constraint: Member must satisfy enum value set: [${LEVELS.join(', ')}]`,
    );
  }
  const configuration: LoggingConfiguration = {
    level: level as LogLevel, // one of LEVELS
    includeExecutionData: includeExecutionData === true,
    ...(destinations !== undefined && { destinations: readDestinations(destinations) }),
  };
  if (configuration.level !== 'OFF') await checkDestination(configuration, groupExists);
  return configuration;
}

function readDestinations(value: unknown): readonly object[] {
  if (!Array.isArray(value)) throw invalid('Must specify exactly one Log Destination.');
  return value.map((entry: unknown) => (typeof entry === 'object' && entry !== null ? entry : {}));
}

async function checkDestination(
  { destinations = [] }: LoggingConfiguration,
  groupExists: (arn: string) => Promise<boolean>,
): Promise<void> {
  if (destinations.length !== 1) throw invalid('Must specify exactly one Log Destination.');
  const arn = groupArnOf(destinations);
  if (arn === null) {
    throw invalid("Expected the Log Destination's logGroupArn to be the ARN of a log group that ends with ':*'.");
  }
  if (!(await groupExists(arn))) throw invalid(`Log Destination is not accessible: there is no log group ${arn}.`);
}

const invalid = (why: string): ApiError =>
  new ApiError('InvalidLoggingConfiguration', `Invalid Logging Configuration: ${why}`);

/** The group's ARN without `:*`; null where there is none. */
function groupArnOf(destinations: readonly object[]): string | null {
  const [destination] = destinations as readonly {
    readonly cloudWatchLogsLogGroup?: { readonly logGroupArn?: unknown };
  }[];
  const text = destination?.cloudWatchLogsLogGroup?.logGroupArn;
  if (typeof text !== 'string' || !text.endsWith(':*')) return null;
  const arn = text.slice(0, -2);
  const parsed = parseArn(arn);
  return parsed?.service === 'logs' && parsed.resource.startsWith('log-group:') ? arn : null;
}

/** What whoever writes the log has to know; null where nothing is logged. */
export function executionLogging({
  level,
  includeExecutionData,
  destinations = [],
}: LoggingConfiguration): ExecutionLogging | null {
  const groupArn = groupArnOf(destinations);
  return level === 'OFF' || groupArn === null ? null : { level, includeExecutionData, groupArn };
}
