import { useFilter } from '../../data-access/address.js';
import { useExecutions, useMachines } from '../../data-access/queries.js';
import type { ExecutionsFilter, ExecutionsPage, MachineRow } from '../../data-access/server.js';
import { Card } from '../../ui/card.js';
import { CommandLine } from '../../ui/command-line.js';
import { ExecutionsList } from './executions-list.js';
import { Filters } from './filters.js';
import { statusName } from './status-label.js';

const EVERYTHING: ExecutionsFilter = { machine: null, status: null, after: null };

export function ExecutionsSection() {
  const [filter, goTo] = useFilter();
  const { data: page, error, isPlaceholderData } = useExecutions(filter);
  const { data: machines } = useMachines();
  return (
    <section aria-label="Executions">
      <div className="mb-3 flex flex-wrap items-center justify-between gap-x-6 gap-y-3">
        <h2 className="text-base font-semibold">Executions</h2>
        <Filters filter={filter} machines={machines ?? []} goTo={goTo} />
      </div>
      {error !== null && page !== undefined && <p className="mb-3 text-sm text-bad">Not refreshed: {error.message}</p>}
      <Card className={`overflow-hidden ${isPlaceholderData ? 'opacity-60' : ''}`}>
        {page === undefined ? (
          <Waiting message={error === null ? 'Asking the server …' : error.message} />
        ) : page.executions.length === 0 ? (
          <Nothing filter={filter} machines={machines} goTo={goTo} />
        ) : (
          <ExecutionsList executions={page.executions} />
        )}
      </Card>
      {page !== undefined && <Pages page={page} filter={filter} goTo={goTo} />}
    </section>
  );
}

const Waiting = ({ message }: { readonly message: string }) => (
  <p className="px-4 py-16 text-center text-quiet">{message}</p>
);

interface NothingProps {
  readonly filter: ExecutionsFilter;
  /** Undefined before the server said which there are. */
  readonly machines: readonly MachineRow[] | undefined;
  readonly goTo: (filter: ExecutionsFilter) => void;
}

/** Says why the list is empty, and what comes next. */
function Nothing({ filter, machines, goTo }: NothingProps) {
  const [first] = machines ?? [];
  const isFiltered = filter.status !== null || filter.machine !== null || filter.after !== null;
  if (isFiltered) {
    const kind = filter.status === null ? '' : `${statusName(filter.status).toLowerCase()} `;
    return (
      <div className="px-4 py-16 text-center">
        <p className="mb-3">No {kind}executions here.</p>
        <button type="button" onClick={() => goTo(EVERYTHING)} className="text-accent underline underline-offset-4">
          Show all executions
        </button>
      </div>
    );
  }
  return (
    <div className="px-4 py-16 text-center">
      <p className="mb-1 font-medium">
        {first === undefined ? 'No state machine is deployed yet.' : 'Nothing was started yet.'}
      </p>
      <p className="mb-4 text-sm text-quiet">
        {first === undefined
          ? 'Deploy a template; its state machines can be started then.'
          : 'Start an execution, and it appears here.'}
      </p>
      <CommandLine
        command={first === undefined ? 'treadle deploy template.yaml' : `treadle run ${first.name} -i @input.json`}
      />
    </div>
  );
}

interface PagesProps {
  readonly page: ExecutionsPage;
  readonly filter: ExecutionsFilter;
  readonly goTo: (filter: ExecutionsFilter) => void;
}

function Pages({ page, filter, goTo }: PagesProps) {
  const { next } = page;
  if (next === null && filter.after === null) return null;
  const look =
    'rounded-lg border border-line bg-card px-3 py-1.5 text-sm disabled:opacity-40 enabled:hover:border-accent';
  return (
    <nav className="mt-3 flex items-center justify-end gap-2" aria-label="Pages">
      <button
        type="button"
        className={look}
        disabled={filter.after === null}
        onClick={() => goTo({ ...filter, after: null })}
      >
        Newest
      </button>
      <button type="button" className={look} disabled={next === null} onClick={() => goTo({ ...filter, after: next })}>
        Older
      </button>
    </nav>
  );
}
