import type { ErrorDetails, Execution, Policy } from '../../interpreter/index.js';
import type { Payload } from '../../payload/index.js';
import type { Revision } from '../ports.js';
import { expressIdentity } from '../transient/express-starts.js';
import type { TransientHost, TransientRun } from '../transient/transient-host.js';

export interface ExpressChildRequest {
  readonly revision: Revision;
  readonly name: string;
  /** The last part of its ARN: the run's UUID, so that the child is found by its ARN. */
  readonly runId: string;
  readonly input: Payload;
}

/** Where the Express children of map runs live: in memory only. Their ends are what is kept. */
export interface ExpressRunner {
  /** Waits for room. Null when it is not wanted any more by then. */
  run(request: ExpressChildRequest, isWanted: () => boolean): Promise<TransientRun | null>;
}

export function expressRunner(host: TransientHost, policy: Policy): ExpressRunner {
  return {
    async run({ revision, name, runId, input }, isWanted) {
      while (!host.hasRoom && isWanted()) await new Promise<void>((next) => host.onRoom(next));
      if (!isWanted()) return null;
      const identity = expressIdentity(revision, name, runId);
      return host.run({ revision, identity, input, policy });
    },
  };
}

/** An execution that cannot go on is our fault; to its run it has failed. */
export const brokenEnd = (fault: unknown): Pick<Execution, 'status'> & { readonly failure: ErrorDetails } => ({
  status: 'FAILED',
  failure: {
    error: 'States.Runtime',
    cause: `Treadle could not go on with this execution: ${fault instanceof Error ? fault.message : String(fault)}`,
  },
});
