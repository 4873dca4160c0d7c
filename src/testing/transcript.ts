import {
  type Command,
  type Decision,
  decide,
  type Execution,
  errorDetails,
  type HistoryRecord,
  newExecution,
  type Stimulus,
  type StimulusBody,
} from '../interpreter/index.js';
import type { Definition } from '../language/index.js';
import { Payload } from '../payload/index.js';

export const TEST_IDENTITY = {
  arn: 'arn:aws:states:us-east-1:000000000000:execution:machine:e1',
  name: 'e1',
  stateMachineArn: 'arn:aws:states:us-east-1:000000000000:stateMachine:machine',
  stateMachineName: 'machine',
  roleArn: 'arn:aws:iam::000000000000:role/test',
  region: 'us-east-1',
} as const;

/**
 * Drives one execution by hand, on a clock that stands until told otherwise, and writes down everything that comes out:
 *
 *     3 TaskScheduled reserve @0          < StartExecution       > InvokeTask #3
 *     - RetryScheduled attempt 1 @0       > StartTimer #5 due @1000
 *
 * `id event what @ms`, `<` the stimulus that led to it, `>` the commands it gave.
 */
export class Transcript {
  readonly execution: Execution = newExecution(TEST_IDENTITY);
  readonly records: HistoryRecord[] = [];
  readonly lines: string[] = [];
  readonly #timers = new Map<string, { readonly timer: number; readonly dueAt: number }>();
  #at = 0;

  constructor(private readonly definition: Definition) {}

  start(input = '{}'): this {
    return this.give({ type: 'StartExecution', input: Payload.ofText(input) });
  }

  succeed(task: number, output: string): this {
    return this.give({ type: 'TaskSucceeded', task, output: Payload.ofText(output) });
  }

  fail(task: number, error: string, cause = ''): this {
    return this.give({ type: 'TaskFailed', task, error, cause, phase: 'call' });
  }

  stop(error?: string, cause?: string): this {
    return this.give({ type: 'StopExecution', ...errorDetails({ error, cause }) });
  }

  /** Lets time pass, firing the timers that come due, one by one. */
  wait(ms: number): this {
    const until = this.#at + ms;
    for (;;) {
      const due = [...this.#timers.values()].sort((a, b) => a.dueAt - b.dueAt)[0];
      if (due === undefined || due.dueAt > until) break;
      this.#at = Math.max(this.#at, due.dueAt);
      this.#timers.delete(`${due.timer} ${due.dueAt}`);
      this.give({ type: 'TimerFired', ...due });
    }
    this.#at = until;
    return this;
  }

  give(...bodies: readonly StimulusBody[]): this {
    const stimuli = bodies.map((body) => ({ ...body, at: this.#at, seed: [1, 2, 3, this.records.length] }) as Stimulus);
    const decision = decide(this.definition, this.execution, stimuli);
    this.#note(stimuli, decision);
    return this;
  }

  /** The lines so far as one text. */
  get text(): string {
    return this.lines.join('\n');
  }

  #note(stimuli: readonly Stimulus[], decision: Decision): void {
    this.records.push(...decision.records);
    for (const command of decision.commands) {
      if (command.type === 'StartTimer') {
        const { timer, dueAt } = command;
        this.#timers.set(`${timer} ${dueAt}`, { timer, dueAt });
      }
      if (command.type === 'StopTimer') this.#timers.delete(`${command.timer} ${command.dueAt}`);
    }
    const cause = ` < ${stimuli.map(stimulusText).join(', ')}`;
    if (decision.records.length === 0) {
      this.lines.push(`  nothing${cause}${commandsText(decision.commands)}`);
      return;
    }
    decision.records.forEach((record, i) => {
      const isLast = i === decision.records.length - 1;
      const commands = isLast ? commandsText(decision.commands) : '';
      this.lines.push(`${recordText(record)}${i === 0 ? cause : ''}${commands}`);
    });
  }
}

function recordText(record: HistoryRecord): string {
  const number = record.id === null ? '-' : `${record.id}<-${record.previousEventId}`;
  const details = Object.entries(record.details ?? {}).map(([, value]) => valueText(value));
  const shown = record.type === 'ExecutionStarted' ? details.slice(0, 1) : details;
  const extra = record.type === 'RetryScheduled' ? [`attempt ${record.private.attempt}`] : [];
  return [number, record.type, ...shown, ...extra, `@${record.at}`].join(' ');
}

function valueText(value: unknown): string {
  if (value instanceof Payload) return value.text;
  if (Array.isArray(value)) return value.map(([name, payload]) => `$${name}=${payload.text}`).join(' ');
  return String(value);
}

function stimulusText(stimulus: Stimulus): string {
  if ('task' in stimulus) return `${stimulus.type} #${stimulus.task}`;
  if ('mapRun' in stimulus) return `${stimulus.type} #${stimulus.mapRun}`;
  return stimulus.type === 'TimerFired' ? `TimerFired #${stimulus.timer}` : stimulus.type;
}

function commandsText(commands: readonly Command[]): string {
  if (commands.length === 0) return '';
  return ` > ${commands.map(commandText).join(', ')}`;
}

function commandText(command: Command): string {
  switch (command.type) {
    case 'InvokeTask':
      return `InvokeTask #${command.task}${command.send === undefined ? '' : ` again, ${command.send}`}`;
    case 'ReleaseTask':
      return `ReleaseTask #${command.task}`;
    case 'NotifyCaller':
      return `NotifyCaller after #${command.after}`;
    case 'StopCallee':
      return `StopCallee #${command.task}`;
    case 'StartMapRun':
    case 'ReleaseMapRun':
    case 'StopMapRun':
      return `${command.type} #${command.mapRun}`;
    case 'StartTimer':
      return `StartTimer #${command.timer} due @${command.dueAt}`;
    case 'StopTimer':
      return `StopTimer #${command.timer}`;
    case 'Continue':
      return `Continue after #${command.after}`;
    default:
      return command satisfies never;
  }
}
