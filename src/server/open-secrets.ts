import type { Clock } from '../host/index.js';
import { SECRETS_SWEEP_MS } from '../limits/services.js';
import { Secrets } from '../services/secretsmanager/secrets.js';
import { Vault } from '../services/secretsmanager/vault.js';
import type { RecordStore } from '../store/ports.js';

/** Secrets, and who takes away at times what was deleted. Adds how that stops to `opened`. */
export async function openSecrets(
  options: {
    readonly records: RecordStore;
    readonly clock: Clock;
    readonly dataFolder: string;
    readonly report: (line: string) => void;
  },
  opened: (() => Promise<void> | void)[],
): Promise<Secrets> {
  const { records, clock, dataFolder, report } = options;
  const secrets = new Secrets({ records, clock, vault: await Vault.open(dataFolder) });
  const sweep = (): void => {
    secrets.sweep().catch((fault: unknown) => report(`Secrets that were deleted could not be taken away: ${fault}`));
  };
  const timer = setInterval(sweep, SECRETS_SWEEP_MS).unref();
  opened.push(() => clearInterval(timer));
  return secrets;
}
