import type { ExecutionRow } from '../../data-access/server.js';
import { agoText, dateText, durationText } from '../../ui/amounts.js';
import { CopyButton } from '../../ui/copy-button.js';
import { useNow } from '../../ui/use-now.js';
import { StatusLabel } from './status-label.js';

const CLOCK_MS = 1000;

/** A table on wide screens; on a phone each row becomes two lines. */
export function ExecutionsList({ executions }: { readonly executions: readonly ExecutionRow[] }) {
  const now = useNow(CLOCK_MS);
  return (
    <table className="w-full text-left">
      <thead className="border-b border-line text-xs text-quiet max-sm:sr-only">
        <tr>
          <th className="py-2.5 pr-4 pl-4 font-medium">Status</th>
          <th className="py-2.5 pr-4 font-medium">Execution</th>
          <th className="py-2.5 pr-4 font-medium">State machine</th>
          <th className="py-2.5 pr-4 text-right font-medium">Started</th>
          <th className="py-2.5 pr-4 text-right font-medium">Duration</th>
        </tr>
      </thead>
      <tbody className="divide-y divide-line">
        {executions.map((execution) => (
          <Row key={execution.arn} execution={execution} now={now} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ execution, now }: { readonly execution: ExecutionRow; readonly now: number }) {
  const { arn, name, machineName, status, startAt, stopAt } = execution;
  return (
    <tr className="group align-middle hover:bg-page max-sm:grid max-sm:grid-cols-[1fr_auto] max-sm:gap-x-3 max-sm:gap-y-0.5 max-sm:px-4 max-sm:py-3">
      <td className="sm:w-32 sm:py-2.5 sm:pr-4 sm:pl-4 max-sm:order-1">
        <StatusLabel status={status} />
      </td>
      <td className="max-w-0 sm:w-2/5 sm:py-2.5 sm:pr-4 max-sm:order-3 max-sm:max-w-none max-sm:min-w-0">
        <span className="flex items-center gap-1">
          <span className="truncate font-mono text-[0.8125rem]" title={arn}>
            {name}
          </span>
          <span className="opacity-0 group-hover:opacity-100 group-focus-within:opacity-100 max-sm:hidden">
            <CopyButton text={arn} label="Copy the ARN" />
          </span>
        </span>
      </td>
      <td className="max-w-0 truncate text-sm sm:py-2.5 sm:pr-4 max-sm:order-2 max-sm:max-w-none max-sm:text-right max-sm:text-quiet">
        {machineName}
      </td>
      <td
        className="text-right text-sm whitespace-nowrap text-quiet sm:w-28 sm:py-2.5 sm:pr-4 max-sm:order-5 max-sm:hidden"
        title={dateText(startAt)}
      >
        {agoText(startAt, now)}
      </td>
      <td className="text-right text-sm whitespace-nowrap sm:w-28 sm:py-2.5 sm:pr-4 max-sm:order-4 max-sm:text-quiet">
        {durationText((stopAt ?? now) - startAt)}
      </td>
    </tr>
  );
}
