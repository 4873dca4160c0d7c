import { isLogged, logEvent } from '../api/states/index.js';
import type { Committed } from '../host/ports.js';
import type { LogGroup } from '../services/logs/log-groups.js';
import type { Logs } from '../services/logs/logs.js';

/** A group that was looked up is taken for granted for so long; one that was deleted gets no more after that. */
const KNOWN_MS = 5_000;

/** Writes what happens in executions into the log groups of their machines. Nobody waits for it. */
export class ExecutionLog {
  readonly #groups = new Map<string, { readonly group: Promise<LogGroup | null>; readonly until: number }>();

  constructor(
    private readonly logs: Logs,
    private readonly now: () => number,
  ) {}

  committed({ revision, execution, records }: Committed): void {
    const { logging = null } = revision;
    if (logging === null) return;
    const wanted = records.filter(({ type }) => isLogged(type, logging.level));
    if (wanted.length === 0) return;
    const context = {
      executionArn: execution.identity.arn,
      redriveCount: execution.redriveCount,
      includeExecutionData: logging.includeExecutionData,
    };
    const events = wanted.flatMap((record) => {
      const message = logEvent(record, context);
      return message === null ? [] : [{ timestamp: record.at, message }];
    });
    void this.#group(logging.groupArn).then((group) => {
      if (group === null) return; // deleted: AWS drops the events too
      for (const event of events) this.logs.write(group, streamOf(revision.machineName, event.timestamp), event);
    });
  }

  #group(arn: string): Promise<LogGroup | null> {
    const now = this.now();
    const known = this.#groups.get(arn);
    if (known !== undefined && known.until > now) return known.group;
    const group = this.logs.groups.find(arn).catch(() => null);
    this.#groups.set(arn, { group, until: now + KNOWN_MS });
    return group;
  }
}

/** As AWS names them; one an hour. */
const streamOf = (machine: string, at: number): string =>
  `states/${machine}/${new Date(at).toISOString().slice(0, 13).replace('T', '-')}-00/00000000`;
