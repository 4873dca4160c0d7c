import type { ExecutionStatus, ExecutionsFilter, MachineRow } from '../../data-access/server.js';
import { statusName } from './status-label.js';

const CHOICES: ReadonlyArray<ExecutionStatus | null> = [null, 'RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'];

interface FiltersProps {
  readonly filter: ExecutionsFilter;
  readonly machines: readonly MachineRow[];
  readonly goTo: (filter: ExecutionsFilter) => void;
}

export function Filters({ filter, machines, goTo }: FiltersProps) {
  return (
    <div className="flex min-w-0 max-w-full flex-wrap items-center gap-2">
      <fieldset className="flex min-w-0 max-w-full overflow-x-auto rounded-lg border border-line bg-card p-0.5">
        <legend className="sr-only">Status</legend>
        {CHOICES.map((status) => {
          const isChosen = filter.status === status;
          return (
            <button
              key={status ?? 'ALL'}
              type="button"
              aria-pressed={isChosen}
              onClick={() => goTo({ ...filter, status, after: null })}
              className={`rounded-md px-2.5 py-1 text-sm whitespace-nowrap ${isChosen ? 'bg-accent text-card' : 'text-quiet hover:text-ink'}`}
            >
              {status === null ? 'All' : statusName(status)}
            </button>
          );
        })}
      </fieldset>
      <select
        aria-label="State machine"
        value={filter.machine ?? ''}
        onChange={(event) =>
          goTo({ ...filter, machine: event.target.value === '' ? null : event.target.value, after: null })
        }
        className="max-w-full rounded-lg border border-line bg-card px-2.5 py-1.5 text-sm"
      >
        <option value="">All machines</option>
        {machines.map((machine) => (
          <option key={machine.arn} value={machine.arn}>
            {machine.name}
          </option>
        ))}
      </select>
    </div>
  );
}
