import { parseRemoteRule, type RemoteRule } from '../integrations/remote/rules.js';
import { usageError } from './cli-error.js';

/** Those of the command line come before the environment's, so that they win. */
export function remoteOf(
  options: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): readonly RemoteRule[] {
  const outside = (environment.TREADLE_REMOTE ?? '').split(',').filter((text) => text.trim() !== '');
  try {
    return [...options, ...outside].map((text) => parseRemoteRule(text.trim()));
  } catch (fault) {
    throw usageError(fault instanceof Error ? fault.message : String(fault));
  }
}
