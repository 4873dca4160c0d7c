import type { FunctionConfiguration } from './configuration.js';

/** Where functions' configurations are kept. The server hands one in over its RecordStore; each promise resolves when it is durable. */
export interface FunctionRecords {
  put(arn: string, text: string): Promise<void>;
  remove(arn: string): Promise<void>;
  /** The texts of all functions. */
  list(): Promise<readonly string[]>;
}

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
