import type { FoundFunction, FunctionConfiguration } from '../../functions/index.js';

/**
 * A function as Lambda shows it. It is `Active` at once: there is nothing to wait for. Its ARN has the qualifier by which
 * somebody asked.
 */
export function configurationMembers(
  configuration: FunctionConfiguration,
  qualifier: string | null = null,
): Readonly<Record<string, unknown>> {
  const { name, environment, deadLetterArn = null } = configuration;
  return {
    FunctionName: name,
    FunctionArn: qualifier === null ? configuration.arn : `${configuration.arn}:${qualifier}`,
    Runtime: configuration.runtime,
    Role: configuration.role,
    Handler: configuration.handler,
    CodeSize: configuration.codeSize,
    Description: configuration.description,
    Timeout: configuration.timeoutSeconds,
    MemorySize: configuration.memoryMb,
    // The one place where AWS writes the zone like this.
    LastModified: new Date(configuration.lastModifiedAt).toISOString().replace('Z', '+0000'),
    CodeSha256: configuration.codeSha256,
    Version: configuration.version,
    ...(Object.keys(environment).length === 0 ? {} : { Environment: { Variables: environment } }),
    ...((configuration.layers ?? []).length > 0 && {
      Layers: configuration.layers.map(({ arn, codeSize }) => ({ Arn: arn, CodeSize: codeSize })),
    }),
    ...(deadLetterArn !== null && { DeadLetterConfig: { TargetArn: deadLetterArn } }),
    TracingConfig: { Mode: 'PassThrough' },
    RevisionId: configuration.revisionId,
    State: 'Active',
    LastUpdateStatus: 'Successful',
    PackageType: 'Zip',
    Architectures: configuration.architectures,
    EphemeralStorage: { Size: 512 },
    SnapStart: { ApplyOn: 'None', OptimizationStatus: 'Off' },
    LoggingConfig: { LogFormat: 'Text', LogGroup: `/aws/lambda/${name}` },
  };
}

/** GetFunction. There is no download link: code that Treadle keeps has no address. */
export const functionMembers = (
  { configuration, qualifier }: FoundFunction,
  latest: FunctionConfiguration,
  tags: Readonly<Record<string, string>>,
): Readonly<Record<string, unknown>> => ({
  Configuration: configurationMembers(configuration, qualifier),
  Code: {
    RepositoryType: 'Treadle',
    ...(configuration.folder === null ? {} : { Location: `file://${configuration.folder}` }),
  },
  ...(Object.keys(tags).length > 0 && { Tags: tags }),
  ...(latest.reservedConcurrency === null
    ? {}
    : { Concurrency: { ReservedConcurrentExecutions: latest.reservedConcurrency } }),
});
