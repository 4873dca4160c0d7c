import { useHealth, useHealthSamples } from '../../data-access/queries.js';
import type { Health } from '../../data-access/server.js';
import { bytesText, durationText, latencyText } from '../../ui/amounts.js';
import { Card } from '../../ui/card.js';
import { CommandLine } from '../../ui/command-line.js';
import { Sparkline } from '../../ui/sparkline.js';

export function HealthSection() {
  const { data: health, isError, dataUpdatedAt } = useHealth();
  const samples = useHealthSamples(health, dataUpdatedAt);
  return (
    <>
      <PageHeader health={health} isSilent={isError} />
      {isError && <Silence />}
      {health !== undefined && health.problems.length > 0 && !isError && <Problems problems={health.problems} />}
      {health !== undefined && (
        <section aria-label="Server health" className={isError ? 'opacity-50' : ''}>
          <Tiles health={health} samples={samples} />
        </section>
      )}
    </>
  );
}

function PageHeader({ health, isSilent }: { readonly health: Health | undefined; readonly isSilent: boolean }) {
  return (
    <header className="mb-6 flex flex-wrap items-center gap-x-4 gap-y-2">
      <h1 className="flex items-center gap-2.5 text-lg font-semibold tracking-tight">
        <img src="/_treadle/treadle.svg" alt="" className="size-7" />
        Treadle
      </h1>
      <StatusPill health={health} isSilent={isSilent} />
      {health !== undefined && (
        <p className="w-full text-sm text-quiet sm:ml-auto sm:w-auto sm:text-right">
          <span className="font-mono text-ink">{health.endpoint}</span>
          <span className="mx-1.5">·</span>
          {health.region}
          <span className="mx-1.5">·</span>
          {health.version}
          <span className="block max-w-full truncate font-mono text-xs" title={health.dataFolder}>
            {health.dataFolder}
          </span>
        </p>
      )}
    </header>
  );
}

function StatusPill({ health, isSilent }: { readonly health: Health | undefined; readonly isSilent: boolean }) {
  const [text, color] = isSilent
    ? ['No answer', 'text-bad']
    : health === undefined
      ? ['Asking …', 'text-quiet']
      : health.status === 'ok'
        ? ['Serving', 'text-good']
        : ['Needs attention', 'text-warn'];
  return (
    <span
      className={`inline-flex items-center gap-1.5 rounded-full border border-line bg-card px-2.5 py-0.5 text-sm ${color}`}
      role="status"
    >
      <span className="size-2 rounded-full bg-current" />
      {text}
    </span>
  );
}

function Silence() {
  return (
    <Card className="mb-6 flex flex-wrap items-center justify-between gap-3 px-4 py-3">
      <p>The server does not answer. This page goes on by itself when it is back.</p>
      <CommandLine command="treadle up" />
    </Card>
  );
}

function Problems({ problems }: { readonly problems: readonly string[] }) {
  return (
    <Card className="mb-6 px-4 py-3">
      <ul className="list-disc pl-5 text-warn">
        {problems.map((problem) => (
          <li key={problem}>{problem}</li>
        ))}
      </ul>
    </Card>
  );
}

function Tiles({ health, samples }: { readonly health: Health; readonly samples: readonly Health[] }) {
  const { memory, queue, eventLoopLagMs, commitLatencyMs } = health;
  const tasks = (each: Health): number =>
    each.queue.tasksInFlight + each.queue.tasksWaiting + each.queue.commitsWaiting;
  return (
    <dl className="mb-8 grid grid-cols-2 gap-3 sm:grid-cols-3 lg:grid-cols-6">
      <Tile
        name="Uptime"
        value={durationText(health.uptimeMs)}
        detail={`${health.executions.running} running`}
        values={samples.map((each) => each.executions.running)}
      />
      <Tile
        name="Memory"
        value={bytesText(memory.residentBytes)}
        detail={`heap ${bytesText(memory.heapUsedBytes)}`}
        values={samples.map((each) => each.memory.residentBytes)}
      />
      <Tile
        name="CPU"
        value={`${Math.round(health.cpuPercent)} %`}
        detail="of one core"
        values={samples.map((each) => each.cpuPercent)}
      />
      <Tile
        name="Event loop lag"
        value={latencyText(eventLoopLagMs.p99)}
        detail={`p99, max ${latencyText(eventLoopLagMs.max)}`}
        values={samples.map((each) => each.eventLoopLagMs.p99)}
      />
      <Tile
        name="Commit"
        value={latencyText(commitLatencyMs.p50)}
        detail={`p50, p99 ${latencyText(commitLatencyMs.p99)}`}
        values={samples.map((each) => each.commitLatencyMs.p50)}
      />
      <Tile
        name="Queue"
        value={`${queue.tasksInFlight} ${queue.tasksInFlight === 1 ? 'task' : 'tasks'}`}
        detail={`${queue.tasksWaiting + queue.commitsWaiting} waiting, ${queue.timers} timers`}
        values={samples.map(tasks)}
      />
    </dl>
  );
}

interface TileProps {
  readonly name: string;
  readonly value: string;
  readonly detail: string;
  /** What the small curve draws, oldest first. */
  readonly values: readonly number[];
}

function Tile({ name, value, detail, values }: TileProps) {
  return (
    <Card className="overflow-hidden">
      <div className="px-3.5 pt-3">
        <dt className="text-xs text-quiet">{name}</dt>
        <dd className="mt-0.5 truncate text-lg font-semibold tracking-tight">{value}</dd>
        <dd className="truncate text-xs text-quiet">{detail}</dd>
      </div>
      <div className="mt-2">
        <Sparkline values={values} />
      </div>
    </Card>
  );
}
