import { Counter, Gauge, Registry } from 'prom-client';
import { PROMETHEUS_NAMES_MAX } from '../../limits/services.js';
import type { EngineCounts } from './execution-metrics.js';
import type { HealthValues } from './server-metrics.js';

/** From a call within the process to a person's answer. */
const SECONDS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60, 300, 3600];

/** What the engine has done since this process began, and the server's health, as Prometheus reads it. */
export class Prometheus implements EngineCounts {
  readonly #registry = new Registry();
  readonly #gauges = new Map<string, Gauge>();
  readonly #counters = {
    commits: this.#counter('treadle_commits_total', 'Commits of executions.'),
    transitions: this.#counter('treadle_state_transitions_total', 'States entered.'),
    executions: this.#counter('treadle_executions_total', 'Executions that have ended.', ['machine', 'status']),
    tasks: this.#counter('treadle_task_calls_total', 'Tasks that are over.', ['resource', 'outcome']),
  };
  // Counted here, and handed over when somebody looks: the library needs a microsecond for each value with labels.
  #commits = 0;
  #transitions = 0;
  readonly #executions = new BoundedNames(() => new Map<string, number>());
  readonly #tasks = new BoundedNames(() => ({ outcomes: new Map<string, number>(), durations: new Durations() }));

  committed(transitions: number): void {
    this.#commits += 1;
    this.#transitions += transitions;
  }

  executionEnded(machineName: string, status: string): void {
    increment(this.#executions.of(machineName), status);
  }

  taskEnded(resource: string, outcome: string, durationMs: number | null): void {
    const { outcomes, durations } = this.#tasks.of(resource);
    increment(outcomes, outcome);
    if (durationMs !== null) durations.add(durationMs / 1000);
  }

  async page(health: HealthValues): Promise<{ readonly text: string; readonly contentType: string }> {
    const { commits, transitions, executions, tasks } = this.#counters;
    for (const counter of Object.values(this.#counters)) counter.reset();
    commits.inc(this.#commits);
    transitions.inc(this.#transitions);
    for (const [machine, statuses] of this.#executions.values)
      for (const [status, count] of statuses) executions.inc({ machine, status }, count);
    for (const [resource, { outcomes }] of this.#tasks.values)
      for (const [outcome, count] of outcomes) tasks.inc({ resource, outcome }, count);
    for (const [name, { unit, value }] of health) this.#gaugeOf(name, unit).set(inBaseUnit(unit, value));
    const durations = [...this.#tasks.values].flatMap(([resource, task]) => task.durations.lines(resource));
    const text = [await this.#registry.metrics(), ...DURATION_HEAD, ...durations, ''].join('\n');
    return { text, contentType: this.#registry.contentType };
  }

  #gaugeOf(name: string, unit: string): Gauge {
    const known = this.#gauges.get(name);
    if (known !== undefined) return known;
    const help = `The metric ${name} of the namespace Treadle.`;
    const gauge = new Gauge({ name: gaugeName(name, unit), help, registers: [this.#registry] });
    this.#gauges.set(name, gauge);
    return gauge;
  }

  #counter<Label extends string = never>(
    name: string,
    help: string,
    labelNames: readonly Label[] = [],
  ): Counter<Label> {
    return new Counter({ name, help, labelNames, registers: [this.#registry] });
  }
}

const increment = (counts: Map<string, number>, name: string): unknown => counts.set(name, (counts.get(name) ?? 0) + 1);

const DURATION = 'treadle_task_duration_seconds';
const DURATION_HEAD = [
  `# HELP ${DURATION} From a task being scheduled to its end.`,
  `# TYPE ${DURATION} histogram`,
] as const;

/** A histogram of Prometheus, in its text format. */
class Durations {
  readonly #counts = SECONDS.map(() => 0);
  #count = 0;
  #sum = 0;

  add(seconds: number): void {
    this.#count += 1;
    this.#sum += seconds;
    const bucket = SECONDS.findIndex((most) => seconds <= most);
    if (bucket >= 0) this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
  }

  lines(resource: string): readonly string[] {
    const label = `resource="${resource.replace(/[\\"\n]/g, (char) => (char === '\n' ? '\\n' : `\\${char}`))}"`;
    let passed = 0;
    const buckets = SECONDS.map((most, index) => {
      passed += this.#counts[index] ?? 0;
      return `${DURATION}_bucket{le="${most}",${label}} ${passed}`;
    });
    return [
      ...buckets,
      `${DURATION}_bucket{le="+Inf",${label}} ${this.#count}`,
      `${DURATION}_sum{${label}} ${this.#sum}`,
      `${DURATION}_count{${label}} ${this.#count}`,
    ];
  }
}

/** A value for each name that the page may show; names that come later share `other`. */
class BoundedNames<Value> {
  readonly values = new Map<string, Value>();

  constructor(private readonly make: () => Value) {}

  of(name: string): Value {
    return this.values.get(name) ?? this.#add(this.values.size < PROMETHEUS_NAMES_MAX ? name : 'other');
  }

  #add(name: string): Value {
    const value = this.values.get(name) ?? this.make();
    this.values.set(name, value);
    return value;
  }
}

/** `EventLoopLagP99` in milliseconds → `treadle_event_loop_lag_p99_seconds`. */
function gaugeName(name: string, unit: string): string {
  const words = name.replace(/(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g, '_').toLowerCase();
  const suffix = { Milliseconds: '_seconds', Seconds: '_seconds', Bytes: '_bytes', Percent: '_ratio' }[unit] ?? '';
  return `treadle_${words}${suffix}`;
}

function inBaseUnit(unit: string, value: number): number {
  if (unit === 'Milliseconds') return value / 1000;
  return unit === 'Percent' ? value / 100 : value;
}
