import type { FunctionConfiguration } from './configuration.js';
import type { FunctionExtras } from './extras.js';

/** One change of what is kept: a text, or null to delete the key. */
export interface FunctionRecordChange {
  readonly key: string;
  readonly text: string | null;
}

/** Where functions are kept. The server hands one in over its RecordStore; `write` is all or nothing and resolves when it is durable. */
export interface FunctionRecords {
  write(changes: readonly FunctionRecordChange[]): Promise<void>;
  /** Everything that is kept. */
  list(): Promise<readonly { readonly key: string; readonly text: string }[]>;
}

/** `$LATEST` lies under the function's ARN, a version under its own, what belongs to the function as a whole under `ARN#`. */
export const configurationKey = ({ arn, version }: Pick<FunctionConfiguration, 'arn' | 'version'>): string =>
  version === '$LATEST' ? arn : `${arn}:${version}`;

export const extrasKey = (arn: string): string => `${arn}#`;

export const writeConfiguration = (configuration: FunctionConfiguration): string => JSON.stringify(configuration);

/** Our own text, written by `writeConfiguration`: a checked border. */
export function readConfiguration(text: string): FunctionConfiguration {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || !('arn' in value) || !('codeSha256' in value)) {
    throw new Error(
      `Expected a stored function configuration, but found ${text.slice(0, 100)}. The data folder is damaged.`,
    );
  }
  return value as FunctionConfiguration;
}

/** Our own text, too. */
export function readExtras(text: string): FunctionExtras {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || !('lastVersion' in value)) {
    throw new Error(
      `Expected what is stored of a function's aliases, but found ${text.slice(0, 100)}. The data folder is damaged.`,
    );
  }
  return value as FunctionExtras;
}
