import { readFile } from 'node:fs/promises';
import { executionArn, expressExecutionArn, stateMachineArn } from '../../arn.js';
import { EXPRESS_POLICY, type Policy, STANDARD_POLICY } from '../../interpreter/index.js';
import { type Definition, explainDiagnostic, parseDefinition } from '../../language/index.js';
import { ExecutionHandle } from './execution-handle.js';
import type { FunctionHandlers } from './local-functions.js';
import type { Mocks } from './mock.js';
import { payloadOf } from './mock-answer.js';
import { MockTable } from './mock-table.js';
import { Scenario } from './scenario.js';
import { ScenarioError } from './scenario-error.js';
import { StatePaths } from './state-paths.js';
import type { TestedExecution } from './tested-execution.js';

export interface MachineOptions {
  /** ASL as JSON text or as a value. */
  readonly definition: string | object;
  readonly type?: 'STANDARD' | 'EXPRESS';
  /** Of the state machine; `machine` unless given. */
  readonly name?: string;
  readonly region?: string;
  /** Twelve digits. */
  readonly account?: string;
  readonly roleArn?: string;
  /** Values for `${Name}` in the definition, as CloudFormation's DefinitionSubstitutions. */
  readonly substitutions?: Readonly<Record<string, string>>;
  /** Lambda handlers, by the function's name: called for real where no mock answers the task. */
  readonly functions?: FunctionHandlers;
}

export interface ExecutionOptions {
  /** Any JSON value; `{}` unless given. */
  readonly input?: unknown;
  readonly mocks?: Mocks;
  /** What ItemReaders of distributed Maps read, by `bucket/key`. */
  readonly objects?: Readonly<Record<string, string | Uint8Array>>;
  /** `execution` unless given. */
  readonly name?: string;
  /** Virtual time of the start; 2026-01-01T00:00:00Z unless given, so that every run is the same. */
  readonly startTime?: Date | string;
  /** Of all randomness (jitter, States.UUID, States.MathRandom); 1 unless given, so that every run is the same. */
  readonly seed?: number;
}

/** The part of an Express execution's ARN that AWS draws. */
const EXPRESS_ID = '00000000-0000-4000-8000-000000000000';
const START_TIME = '2026-01-01T00:00:00Z';

/**
 * A state machine from an ASL file (JSON, or YAML where its name says so), or from its definition. Rejects with every diagnostic, with line and column, when
 * the definition is not valid.
 */
export async function loadMachine(
  source: string | URL | MachineOptions,
  options: Omit<MachineOptions, 'definition'> = {},
): Promise<TestMachine> {
  if (typeof source === 'object' && !(source instanceof URL)) return new TestMachine(source, 'the definition');
  const definition = await readFile(source, 'utf8').catch((fault: Error) => {
    throw new ScenarioError(
      `Expected an ASL file at '${source}', but: ${fault.message}. To give a definition itself, use loadMachine({ definition }).`,
    );
  });
  const text = /\.ya?ml$/.test(String(source)) ? await jsonOfYaml(definition, source) : definition;
  return new TestMachine({ ...options, definition: text }, `'${source}'`);
}

/** Loaded only for YAML: a definition in JSON needs no parser but ours. */
async function jsonOfYaml(text: string, source: string | URL): Promise<string> {
  const { parse } = await import('yaml');
  try {
    return JSON.stringify(parse(text));
  } catch (fault) {
    throw new ScenarioError(`Expected YAML in '${source}', but: ${fault instanceof Error ? fault.message : fault}`);
  }
}

/** A state machine whose executions run in this process, on a virtual clock, with tasks answered by mocks and handlers. */
export class TestMachine {
  readonly arn: string;
  readonly #definition: Definition;
  readonly #paths: StatePaths;
  readonly #policy: Policy;

  constructor(
    private readonly options: MachineOptions,
    what: string,
  ) {
    const { name = 'machine', region = 'us-east-1', account = '000000000000', type = 'STANDARD' } = options;
    this.arn = stateMachineArn({ region, account }, name);
    this.#definition = readDefinition(options, what);
    this.#paths = new StatePaths(this.#definition);
    this.#policy = type === 'EXPRESS' ? EXPRESS_POLICY : STANDARD_POLICY;
  }

  /** Paths of the states that a mock can name. */
  get taskPaths(): readonly string[] {
    return this.#paths.all.filter(({ state }) => state.type === 'Task').map(({ text }) => text);
  }

  /**
   * Runs an execution to its end; waits of a year take no time. Rejects with ScenarioError when a task has no mock, a mock
   * names no task, or nothing would ever end it; an execution that fails resolves, with its status.
   */
  async run<Output = unknown>(options: ExecutionOptions = {}): Promise<TestedExecution<Output>> {
    return new ExecutionHandle<Output>(this.#scenario(options, { isAnsweredByTest: false })).result();
  }

  /** Starts an execution and lets it come as far as it can at this moment; the test goes on with it. */
  async start<Output = unknown>(options: ExecutionOptions = {}): Promise<ExecutionHandle<Output>> {
    const handle = new ExecutionHandle<Output>(this.#scenario(options, { isAnsweredByTest: true }));
    await handle.advance({});
    return handle;
  }

  #scenario(options: ExecutionOptions, { isAnsweredByTest }: { readonly isAnsweredByTest: boolean }): Scenario {
    const { input = {}, mocks = {}, name = 'execution', startTime = START_TIME, seed = 1 } = options;
    const { name: stateMachineName = 'machine', region = 'us-east-1', account = '000000000000' } = this.options;
    const startAt = new Date(startTime).getTime();
    if (Number.isNaN(startAt))
      throw new ScenarioError(`Expected 'startTime' to be a time such as '${START_TIME}', but it is '${startTime}'.`);
    return new Scenario({
      definition: this.#definition,
      paths: this.#paths,
      policy: this.#policy,
      identity: {
        arn:
          this.options.type === 'EXPRESS'
            ? expressExecutionArn(this.arn, name, EXPRESS_ID)
            : executionArn(this.arn, name),
        name,
        stateMachineArn: this.arn,
        stateMachineName,
        roleArn: this.options.roleArn ?? `arn:aws:iam::${account}:role/test`,
        region,
      },
      input: payloadOf(input, "'input'"),
      startAt,
      seed,
      mocks: new MockTable(mocks, this.#paths),
      functions: this.options.functions ?? {},
      objects: options.objects ?? {},
      isAnsweredByTest,
    });
  }
}

function readDefinition(
  { definition, substitutions = {}, type = 'STANDARD' }: MachineOptions,
  what: string,
): Definition {
  const given = typeof definition === 'string' ? definition : payloadOf(definition, what).text;
  const text = given.replace(/\$\{([A-Za-z0-9_.]+)\}/g, (placeholder, name: string) =>
    Object.hasOwn(substitutions, name) ? JSON.stringify(substitutions[name]).slice(1, -1) : placeholder,
  );
  const { definition: parsed, diagnostics } = parseDefinition(text, { type });
  if (parsed !== null) return parsed;
  const errors = diagnostics
    .filter(({ severity }) => severity === 'ERROR')
    .map((diagnostic) => `  ${explainDiagnostic(diagnostic, text)}`);
  const hint =
    /\$\{/.test(text) && errors.some((error) => /Resource/.test(error))
      ? `\n  Give the values of placeholders in 'substitutions'.`
      : '';
  throw new ScenarioError(`Expected ${what} to be a valid state machine, but:\n${errors.join('\n')}${hint}`);
}
