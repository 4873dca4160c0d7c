import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Place } from '../arn.js';
import {
  FUNCTION_CHILDREN_MAX,
  FUNCTION_CONCURRENCY_DEFAULT,
  FUNCTION_IDLE_MS,
  FUNCTION_INIT_SECONDS_MAX,
  FUNCTION_MEMORY_CHECK_MS,
  FUNCTION_PAYLOAD_BYTES_MAX,
  FUNCTION_SURPLUS_IDLE_MS,
  FUNCTION_WAITING_CALLS_MAX,
} from '../limits.js';
import type { Invocation, InvocationResult, Invoker } from '../services/ports.js';
import { CodeStore } from './code-store.js';
import {
  type CreateFunction,
  type FunctionCode,
  type FunctionConfiguration,
  type FunctionSettings,
  newFunctionArn,
  parseSettings,
} from './configuration.js';
import { prepareLaunch } from './launch.js';
import { FunctionLog, type LogLine, type LogPage, type LogQuery } from './log.js';
import { Capacity, Pool, type PoolBounds } from './pool.js';
import { type FunctionRecords, readConfiguration, writeConfiguration } from './records.js';
import { type FunctionReference, parseFunctionReference } from './reference.js';
import { FunctionRefusal, functionNotFound, invalidParameter } from './refusal.js';
import { aborted, type Call } from './sandbox.js';
import { Warden } from './warden.js';

export interface FunctionsOptions {
  /** Code goes to `functions/`, logs to `logs/` in it. */
  readonly dataFolder: string;
  readonly records: FunctionRecords;
  /** Where functions find Treadle's AWS API, e.g. `http://127.0.0.1:4566`; asked at each start of a process. */
  readonly endpointUrl: () => string;
  /** Where a mere name is looked for. */
  readonly place: Place;
  readonly bounds?: Partial<PoolBounds>;
  /** Hears of every call that is over, or was refused. Must not throw, and must be quick. */
  readonly onCall?: (call: FunctionCall) => void;
  /** A sentence for the operator's log. */
  readonly warn?: (text: string) => void;
}

/** A call as metrics see it. */
export interface FunctionCall {
  readonly functionArn: string;
  readonly result: InvocationResult;
  /** Null where the function has not worked on it. */
  readonly durationMs: number | null;
  /** Calls of the function under way when this one came, with it. */
  readonly concurrency: number;
}

export interface FunctionLogLine extends LogLine {
  readonly functionArn: string;
}

/** The server is closing: the call has no outcome, and may have been performed or not. */
export class FunctionsClosed extends Error {
  override readonly name = 'FunctionsClosed';
}

/** Lambda-compatible functions: their configurations, code, processes and logs. One object per data folder. */
export class Functions implements Invoker {
  readonly #configurations = new Map<string, FunctionConfiguration>();
  readonly #pools = new Map<string, Pool>();
  /** Pools that end after the calls under way. */
  readonly #retired = new Set<Pool>();
  readonly #logs = new Map<string, FunctionLog>();
  readonly #listeners = new Set<(line: FunctionLogLine) => void>();
  readonly #warned = new Set<string>();
  /** Calls under way and waiting, by function. */
  readonly #underWay = new Map<string, number>();
  readonly #warden = new Warden();
  readonly #capacity: Capacity;
  readonly #watch: NodeJS.Timeout;
  #isClosed = false;

  private constructor(
    readonly options: FunctionsOptions,
    readonly code: CodeStore,
  ) {
    this.#capacity = new Capacity({
      childrenMax: FUNCTION_CHILDREN_MAX,
      waitingCallsMax: FUNCTION_WAITING_CALLS_MAX,
      idleMs: FUNCTION_IDLE_MS,
      surplusIdleMs: FUNCTION_SURPLUS_IDLE_MS,
      ...options.bounds,
    });
    this.#watch = setInterval(() => this.#watchChildren(), FUNCTION_MEMORY_CHECK_MS);
    this.#watch.unref();
  }

  /** Reads what the records hold; starts no process yet. */
  static async open(options: FunctionsOptions): Promise<Functions> {
    const dataFolder = resolve(options.dataFolder);
    const root = join(dataFolder, 'functions');
    await mkdir(root, { recursive: true });
    const functions = new Functions({ ...options, dataFolder }, new CodeStore(root));
    const known = (await options.records.list()).map(readConfiguration);
    for (const configuration of known) functions.#configurations.set(configuration.arn, configuration);
    await functions.code.open(known);
    return functions;
  }

  /** Throws FunctionRefusal: ResourceConflictException when the name is taken, InvalidParameterValueException. */
  async create(request: CreateFunction): Promise<FunctionConfiguration> {
    const { name, place, code } = request;
    const arn = newFunctionArn(place, name);
    const settings = parseSettings(request);
    if (this.#configurations.has(arn)) throw alreadyExists(name);
    const kept = await this.code.keep(code);
    if (this.#configurations.has(arn)) throw alreadyExists(name);
    return await this.#store({ ...settings, ...kept, name, arn, place, ...newRevision() });
  }

  /** Changes nothing (not even the revision) when the code is the same. */
  async updateCode(
    name: string,
    code: FunctionCode,
    place: Place = this.options.place,
  ): Promise<FunctionConfiguration> {
    this.get(name, place);
    const kept = await this.code.keep(code);
    const current = this.get(name, place);
    if (kept.codeSha256 === current.codeSha256 && kept.folder === current.folder) return current;
    return await this.#store({ ...current, ...kept, ...newRevision() });
  }

  /** Members that are undefined stay as they are. Changes nothing when all are as they were. */
  async updateConfiguration(
    name: string,
    changes: Partial<FunctionSettings>,
    place: Place = this.options.place,
  ): Promise<FunctionConfiguration> {
    const current = this.get(name, place);
    const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
    const settings = parseSettings({ ...current, ...given });
    const changed = { ...current, ...settings };
    if (JSON.stringify(changed) === JSON.stringify(current)) return current;
    return await this.#store({ ...changed, ...newRevision() });
  }

  /** By name, partial ARN or ARN, with `:$LATEST` or no qualifier. Throws ResourceNotFoundException. */
  get(name: string, place: Place = this.options.place): FunctionConfiguration {
    const reference = this.#parse(name, place);
    const found = this.#configurations.get(reference.arn);
    if (found === undefined || !isLatest(reference)) throw functionNotFound(qualified(reference));
    return found;
  }

  /** By name, ascending. */
  list(place: Place = this.options.place): readonly FunctionConfiguration[] {
    return [...this.#configurations.values()]
      .filter(
        (configuration) => configuration.place.region === place.region && configuration.place.account === place.account,
      )
      .sort((left, right) => (left.name < right.name ? -1 : 1));
  }

  /** Of every account and region: for people, not for AWS clients. */
  all(): readonly FunctionConfiguration[] {
    return [...this.#configurations.values()];
  }

  /** Calls under way end as they would; waiting ones and later ones find no function. */
  async remove(name: string, place: Place = this.options.place): Promise<void> {
    const { arn } = this.get(name, place);
    await this.options.records.remove(arn);
    this.#configurations.delete(arn);
    for (const call of this.#retirePool(arn)) call.settle(refusedAs(functionNotFound(arn)));
    const log = this.#logs.get(arn);
    this.#logs.delete(arn);
    await log?.remove();
  }

  /** The zip as it was uploaded; null for code that is a folder. */
  async zip(name: string, place: Place = this.options.place): Promise<Uint8Array | null> {
    return await this.code.zipOf(this.get(name, place));
  }

  /**
   * Calls a function and waits for its answer. Never throws for what the function does. A signal that fires kills the
   * function's process; the result is then `refused` with RequestAbortedException. Rejects with FunctionsClosed only.
   */
  async invoke(invocation: Invocation, signal?: AbortSignal): Promise<InvocationResult> {
    if (this.#isClosed) throw new FunctionsClosed('Expected a running server, but it is closing.');
    try {
      return await this.#perform(invocation, this.#resolve(invocation.functionName), signal);
    } catch (error) {
      if (error instanceof FunctionRefusal) return refusedAs(error);
      throw error;
    }
  }

  /** Lines from the oldest on, or after the cursor of an earlier page. Throws ResourceNotFoundException. */
  async logs(query: LogQuery & { readonly name: string; readonly place?: Place }): Promise<LogPage> {
    return await this.#logOf(this.get(query.name, query.place)).read(query);
  }

  /** Follows the lines of all functions. Returns what ends it. */
  onLine(listener: (line: FunctionLogLine) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Ends every process. Calls under way and waiting reject with FunctionsClosed. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#watch);
    const closed = new FunctionsClosed('The server was closed before the function answered.');
    await Promise.all([...this.#pools.values(), ...this.#retired].map((pool) => pool.destroy(closed)));
    this.#warden.close();
    await Promise.all([...this.#logs.values()].map((log) => log.flush()));
  }

  #perform(
    invocation: Invocation,
    configuration: FunctionConfiguration,
    signal?: AbortSignal,
  ): Promise<InvocationResult> {
    const { event, requestId } = invocation;
    if (Buffer.byteLength(event) > FUNCTION_PAYLOAD_BYTES_MAX) {
      const message = `Request must be smaller than ${FUNCTION_PAYLOAD_BYTES_MAX} bytes for the InvokeFunction operation`;
      throw new FunctionRefusal('RequestTooLargeException', message, 413);
    }
    if (signal?.aborted) return Promise.resolve(aborted);
    const { arn } = configuration;
    const concurrency = (this.#underWay.get(arn) ?? 0) + 1;
    this.#underWay.set(arn, concurrency);
    const over = (): void => {
      const left = (this.#underWay.get(arn) ?? 1) - 1;
      if (left > 0) this.#underWay.set(arn, left);
      else this.#underWay.delete(arn);
    };
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        // The call may be in the line or process of an older revision.
        this.#pools.get(configuration.arn)?.abort(call);
        for (const pool of this.#retired) pool.abort(call);
      };
      const call: Call = {
        requestId,
        arn: configuration.arn,
        event,
        settle: (result, durationMs) => {
          over();
          signal?.removeEventListener('abort', abort);
          this.options.onCall?.({ functionArn: arn, result, durationMs: durationMs ?? null, concurrency });
          resolve(result);
        },
        reject: (error) => {
          over();
          reject(error);
        },
      };
      signal?.addEventListener('abort', abort, { once: true });
      if (!this.#poolOf(configuration).offer(call)) call.settle(refusedAs(throttled(configuration)));
    });
  }

  async #store(configuration: FunctionConfiguration): Promise<FunctionConfiguration> {
    await this.options.records.put(configuration.arn, writeConfiguration(configuration));
    this.#configurations.set(configuration.arn, configuration);
    for (const call of this.#retirePool(configuration.arn)) {
      if (!this.#poolOf(configuration).offer(call)) call.settle(refusedAs(throttled(configuration)));
    }
    return configuration;
  }

  #poolOf(configuration: FunctionConfiguration): Pool {
    const { arn, timeoutSeconds, memoryMb } = configuration;
    let pool = this.#pools.get(arn);
    if (pool === undefined) {
      const log = this.#logOf(configuration);
      const plan = {
        ...{ timeoutSeconds, memoryMb, initSeconds: Math.max(FUNCTION_INIT_SECONDS_MAX, timeoutSeconds) },
        log: (line: LogLine) => {
          log.append(line);
          for (const listener of this.#listeners) listener({ ...line, functionArn: arn });
        },
        logPause: () => log.pause(),
      };
      const concurrency = configuration.reservedConcurrency ?? FUNCTION_CONCURRENCY_DEFAULT;
      const prepare = () => prepareLaunch(configuration, this.code, this.options.endpointUrl);
      pool = new Pool(plan, concurrency, prepare, this.#capacity, this.#warden);
      this.#pools.set(arn, pool);
    }
    return pool;
  }

  #retirePool(arn: string): readonly Call[] {
    const pool = this.#pools.get(arn);
    if (pool === undefined) return [];
    this.#pools.delete(arn);
    const waiting = pool.retire();
    this.#retired.add(pool);
    return waiting;
  }

  #watchChildren(): void {
    const now = performance.now();
    for (const pool of this.#pools.values()) {
      pool.dismissIdle(now);
      pool.checkMemory();
    }
    for (const pool of this.#retired) {
      pool.checkMemory();
      if (pool.isEmpty) this.#retired.delete(pool);
    }
  }

  #logOf({ arn, place, name }: FunctionConfiguration): FunctionLog {
    let log = this.#logs.get(arn);
    if (log === undefined) {
      log = new FunctionLog(join(this.options.dataFolder, 'logs', place.account, place.region, name));
      this.#logs.set(arn, log);
    }
    return log;
  }

  #parse(name: string, place: Place): FunctionReference {
    const reference = parseFunctionReference(name, place);
    if (reference === null)
      throw invalidParameter(`Expected a function's name or ARN, but got '${name.slice(0, 200)}'.`);
    return reference;
  }

  /** As `get`, but a foreign account or region (as in a definition that was written for AWS) is looked up by name. */
  #resolve(name: string): FunctionConfiguration {
    const reference = this.#parse(name, this.options.place);
    const exact = this.#configurations.get(reference.arn);
    if (exact !== undefined && isLatest(reference)) return exact;
    const namesakes = [...this.#configurations.values()].filter(
      (configuration) => configuration.name === reference.name,
    );
    const [namesake] = namesakes;
    if (exact !== undefined || namesake === undefined || namesakes.length > 1 || !isLatest(reference)) {
      throw functionNotFound(reference.qualifier === null ? `${reference.arn}:$LATEST` : qualified(reference));
    }
    if (!this.#warned.has(reference.arn)) {
      this.#warned.add(reference.arn);
      this.options.warn?.(`There is no ${reference.arn}; ${namesake.arn} has the same name and is called instead.`);
    }
    return namesake;
  }
}

const isLatest = ({ qualifier }: FunctionReference): boolean => qualifier === null || qualifier === '$LATEST';

const qualified = ({ arn, qualifier }: FunctionReference): string => (qualifier === null ? arn : `${arn}:${qualifier}`);

const refusedAs = ({ code, message, status }: FunctionRefusal): InvocationResult => ({
  type: 'refused',
  code,
  message,
  status,
});

const throttled = ({ reservedConcurrency }: FunctionConfiguration): FunctionRefusal =>
  new FunctionRefusal(
    'TooManyRequestsException',
    reservedConcurrency === 0 ? 'Rate Exceeded.' : 'Rate Exceeded: too many calls wait for this function.',
    429,
  );

const alreadyExists = (name: string): FunctionRefusal =>
  new FunctionRefusal('ResourceConflictException', `Function already exist: ${name}`, 409);

function newRevision(): Pick<FunctionConfiguration, 'lastModifiedAt' | 'version' | 'revisionId'> {
  return { lastModifiedAt: Date.now(), version: '$LATEST', revisionId: randomUUID() };
}
