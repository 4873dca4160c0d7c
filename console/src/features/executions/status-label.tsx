import type { ExecutionStatus } from '../../data-access/server.js';

const LOOKS: Readonly<
  Record<ExecutionStatus, { readonly text: string; readonly color: string; readonly path: string }>
> = {
  RUNNING: { text: 'Running', color: 'text-live', path: '' },
  SUCCEEDED: { text: 'Succeeded', color: 'text-good', path: 'M3.5 8.5l3 3 6-7' },
  FAILED: { text: 'Failed', color: 'text-bad', path: 'M4 4l8 8M12 4l-8 8' },
  TIMED_OUT: { text: 'Timed out', color: 'text-bad', path: 'M8 3.5V8l3 2M2.5 8a5.5 5.5 0 1 0 11 0 5.5 5.5 0 1 0-11 0' },
  ABORTED: { text: 'Aborted', color: 'text-warn', path: 'M4.5 4.5h7v7h-7z' },
};

export const statusName = (status: ExecutionStatus): string => LOOKS[status].text;

/** Colour, sign and word together, so that none is needed alone. */
export function StatusLabel({ status }: { readonly status: ExecutionStatus }) {
  const { text, color, path } = LOOKS[status];
  return (
    <span className={`inline-flex items-center gap-1.5 align-middle text-sm font-medium whitespace-nowrap ${color}`}>
      {status === 'RUNNING' ? (
        <span className="breathing mx-0.75 size-2.5 rounded-full bg-current" />
      ) : (
        <svg
          viewBox="0 0 16 16"
          className="size-4"
          fill="none"
          stroke="currentColor"
          strokeWidth="1.8"
          aria-hidden="true"
        >
          <path d={path} />
        </svg>
      )}
      {text}
    </span>
  );
}
