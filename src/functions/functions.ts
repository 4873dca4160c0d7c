import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
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
import { type EventInvokeSettings, FunctionAttachments, NO_SETTINGS as NO_EVENT_SETTINGS } from './attachments.js';
import { CodeStore } from './code-store.js';
import { CodeWatch } from './code-watch.js';
import {
  type CreateFunction,
  type FunctionCode,
  type FunctionConfiguration,
  type FunctionSettings,
  newFunctionArn,
  parseSettings,
} from './configuration.js';
import { prepareLaunch } from './launch.js';
import { Layers } from './layers.js';
import { FunctionLog, type LogLine, type LogPage, type LogQuery } from './log.js';
import { Packages } from './packages/packages.js';
import { Capacity, Pool, type PoolBounds } from './pool.js';
import { configurationKey, type FunctionRecords } from './records.js';
import { FunctionRefusal, functionNotFound } from './refusal.js';
import { type FoundFunction, qualified, Registry } from './registry.js';
import { aborted, type Call } from './sandbox.js';
import { Share } from './share.js';
import { FunctionVersions } from './versions.js';
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
  /** Versions and aliases. */
  readonly versions: FunctionVersions;
  readonly attachments: FunctionAttachments;
  readonly layers: Layers;
  /** What package.json and requirements.txt name. */
  readonly packages: Packages;
  /** By the ARN of what they run, with the version's number. */
  readonly #pools = new Map<string, Pool>();
  /** By function. */
  readonly #shares = new Map<string, Share>();
  /** Pools that end after the calls under way. */
  readonly #retired = new Set<Pool>();
  readonly #logs = new Map<string, FunctionLog>();
  readonly #listeners = new Set<(line: FunctionLogLine) => void>();
  readonly #warned = new Set<string>();
  /** Calls under way and waiting, by function. */
  readonly #underWay = new Map<string, number>();
  readonly #warden = new Warden();
  readonly #codeWatch: CodeWatch;
  readonly #capacity: Capacity;
  readonly #watch: NodeJS.Timeout;
  #isClosed = false;

  private constructor(
    readonly options: FunctionsOptions,
    readonly code: CodeStore,
    readonly registry: Registry,
  ) {
    this.layers = new Layers(options.records, code);
    this.packages = new Packages(join(code.root, 'packages'), join(code.root, 'node_modules'));
    this.packages.onProgress((line) => options.warn?.(line));
    this.#codeWatch = new CodeWatch({
      dataFolder: options.dataFolder,
      changed: (folder) => this.#reload(folder),
      warn: (text) => options.warn?.(text),
    });
    this.attachments = new FunctionAttachments(registry);
    this.versions = new FunctionVersions(registry, code, (configuration) => this.#retire(configuration));
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
    const rows = await options.records.list();
    const registry = Registry.open(options.records, rows);
    const functions = new Functions({ ...options, dataFolder }, new CodeStore(root), registry);
    functions.layers.read(rows);
    const used = registry.everything();
    const shared = used.flatMap(({ layers = [] }) => layers.map((layer) => ({ ...layer, folder: null })));
    await functions.code.open([...used, ...shared, ...functions.layers.everything()]);
    await functions.packages.open(new Set(used.flatMap(({ packages = '' }) => packages)));
    functions.#watchCode();
    return functions;
  }

  /** Throws FunctionRefusal: ResourceConflictException when the name is taken, InvalidParameterValueException. */
  async create(request: CreateFunction): Promise<FunctionConfiguration> {
    const { name, place, code } = request;
    const arn = newFunctionArn(place, name);
    const settings = parseSettings(request);
    return this.registry.serially(arn, async () => {
      if (this.registry.latest(arn) !== null) throw alreadyExists(name);
      const kept = await this.code.keep(code);
      return await this.#store(await this.#installed({ ...settings, ...kept, name, arn, place, ...newRevision() }));
    });
  }

  /** Changes nothing (not even the revision) when the code is the same. */
  async updateCode(
    name: string,
    code: FunctionCode,
    place: Place = this.options.place,
  ): Promise<FunctionConfiguration> {
    return this.#change(name, place, async (current) => ({ ...current, ...(await this.code.keep(code)) }));
  }

  /** Members that are undefined stay as they are. Changes nothing when all are as they were. */
  async updateConfiguration(
    name: string,
    changes: Partial<FunctionSettings>,
    place: Place = this.options.place,
  ): Promise<FunctionConfiguration> {
    const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
    return this.#change(name, place, async (current) => ({
      ...current,
      ...parseSettings({ ...current, ...given }),
    }));
  }

  #change(
    name: string,
    place: Place,
    change: (current: FunctionConfiguration) => Promise<FunctionConfiguration>,
  ): Promise<FunctionConfiguration> {
    const { arn } = this.get(name, place);
    return this.registry.serially(arn, async () => {
      const current = this.get(name, place);
      const changed = await this.#installed(await change(current));
      if (isDeepStrictEqual(changed, current)) return current;
      return await this.#store({ ...changed, ...newRevision() });
    });
  }

  /** `$LATEST`, by name, partial ARN or ARN, with `:$LATEST` or no qualifier. Throws ResourceNotFoundException. */
  get(name: string, place: Place = this.options.place): FunctionConfiguration {
    const reference = this.registry.parse(name, place);
    const found = this.registry.latest(reference.arn);
    const isLatest = reference.qualifier === null || reference.qualifier === '$LATEST';
    if (found === null || !isLatest) throw functionNotFound(qualified(reference));
    return found;
  }

  /** What a name means that may have a version or an alias behind it. Throws ResourceNotFoundException. */
  find(name: string, place: Place = this.options.place): FoundFunction {
    return this.registry.get(name, place);
  }

  /** As `find`, but null when there is none. */
  lookUp(name: string, place: Place = this.options.place): FoundFunction | null {
    const { arn, qualifier } = this.registry.parse(name, place);
    return this.registry.find(arn, qualifier);
  }

  /** What was set for asynchronous calls by this name, or null. */
  eventSettings(name: string): (EventInvokeSettings & { readonly deadLetterArn: string | null }) | null {
    const found = this.lookUp(name);
    if (found === null) return null;
    const { arn, deadLetterArn = null } = found.configuration;
    const config = this.registry.extras(arn).eventInvoke[found.qualifier ?? '$LATEST'] ?? NO_EVENT_SETTINGS;
    return { ...config, deadLetterArn };
  }

  /** By name, ascending. */
  list(place: Place = this.options.place): readonly FunctionConfiguration[] {
    return this.registry
      .all()
      .filter(
        (configuration) => configuration.place.region === place.region && configuration.place.account === place.account,
      )
      .sort((left, right) => (left.name < right.name ? -1 : 1));
  }

  /** Of every account and region: for people, not for AWS clients. */
  all(): readonly FunctionConfiguration[] {
    return this.registry.all();
  }

  /** With its versions and aliases. Calls under way end as they would; waiting ones and later ones find no function. */
  async remove(name: string, place: Place = this.options.place): Promise<void> {
    const { arn } = this.get(name, place);
    await this.registry.serially(arn, async () => {
      const gone = [this.get(name, place), ...this.registry.versions(arn)];
      await this.registry.remove(arn);
      for (const configuration of gone) this.#retire(configuration);
      this.#shares.delete(arn);
      this.#watchCode();
    });
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
      const found = this.#resolve(invocation.functionName);
      const configuration = this.registry.routed(found, invocation.requestId);
      const arn = qualified({ arn: configuration.arn, qualifier: found.qualifier });
      return await this.#perform(invocation, { configuration, arn }, signal);
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
    this.#codeWatch.close();
    this.packages.close();
    const closed = new FunctionsClosed('The server was closed before the function answered.');
    await Promise.all([...this.#pools.values(), ...this.#retired].map((pool) => pool.destroy(closed)));
    this.#warden.close();
    await Promise.all([...this.#logs.values()].map((log) => log.flush()));
  }

  #perform(
    { event, requestId, traceHeader }: Invocation,
    { configuration, arn }: { readonly configuration: FunctionConfiguration; readonly arn: string },
    signal?: AbortSignal,
  ): Promise<InvocationResult> {
    if (Buffer.byteLength(event) > FUNCTION_PAYLOAD_BYTES_MAX) {
      const message = `Request must be smaller than ${FUNCTION_PAYLOAD_BYTES_MAX} bytes for the InvokeFunction operation`;
      throw new FunctionRefusal('RequestTooLargeException', message, 413);
    }
    if (signal?.aborted) return Promise.resolve(aborted);
    const { arn: functionArn } = configuration;
    const concurrency = (this.#underWay.get(functionArn) ?? 0) + 1;
    this.#underWay.set(functionArn, concurrency);
    const over = (): void => {
      const left = (this.#underWay.get(functionArn) ?? 1) - 1;
      if (left > 0) this.#underWay.set(functionArn, left);
      else this.#underWay.delete(functionArn);
    };
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        // The call may be in the line or process of an older revision.
        this.#pools.get(configurationKey(configuration))?.abort(call);
        for (const pool of this.#retired) pool.abort(call);
      };
      const share = this.#shareOf(configuration);
      const call: Call = {
        requestId,
        arn,
        event,
        traceHeader: traceHeader ?? null,
        settle: (result, durationMs) => {
          over();
          share.giveBack(call);
          signal?.removeEventListener('abort', abort);
          this.options.onCall?.({ functionArn, result, durationMs: durationMs ?? null, concurrency });
          resolve(result);
        },
        reject: (error) => {
          over();
          share.giveBack(call);
          reject(error);
        },
      };
      signal?.addEventListener('abort', abort, { once: true });
      if (!this.#poolOf(configuration).offer(call)) call.settle(refusedAs(throttled(this.#boundOf(configuration))));
    });
  }

  /** With the packages that the code in a folder names; a zip has to bring its own, as on AWS. */
  async #installed({ packages: _, ...configuration }: FunctionConfiguration): Promise<FunctionConfiguration> {
    const { name, runtime, folder } = configuration;
    const packages = folder === null ? null : await this.packages.ensure({ name, runtime, folder });
    return packages === null ? configuration : { ...configuration, packages };
  }

  async #store(configuration: FunctionConfiguration): Promise<FunctionConfiguration> {
    await this.registry.put(configuration);
    const share = this.#shareOf(configuration);
    share.callsMax = this.#boundOf(configuration) ?? FUNCTION_CONCURRENCY_DEFAULT;
    this.#replacePool(configuration);
    // Calls that wait for a version are refused then, too.
    const stopped = share.callsMax === 0 ? this.registry.versions(configuration.arn) : [];
    for (const version of stopped) this.#replacePool(version);
    share.wake();
    this.#watchCode();
    return configuration;
  }

  #watchCode(): void {
    const folders = this.all().flatMap(({ folder }) => (folder === null ? [] : [folder]));
    this.#codeWatch.set(new Set(folders));
  }

  /** Calls from now on run the code as it is; those under way end in the processes that they are in. */
  async #reload(folder: string): Promise<void> {
    for (const { arn, name, codeSha256 } of this.all().filter((found) => found.folder === folder)) {
      const changed = await this.updateCode(arn, { type: 'folder', path: folder });
      if (changed.codeSha256 !== codeSha256) this.options.warn?.(`The code of ${name} has changed and is loaded anew.`);
    }
  }

  #replacePool(configuration: FunctionConfiguration): void {
    for (const call of this.#retirePool(configuration)) {
      if (!this.#poolOf(configuration).offer(call)) call.settle(refusedAs(throttled(this.#boundOf(configuration))));
    }
  }

  /** Calls at once that the function allows, to all of its versions together. */
  #boundOf({ arn }: FunctionConfiguration): number | null {
    return this.registry.latest(arn)?.reservedConcurrency ?? null;
  }

  #shareOf(configuration: FunctionConfiguration): Share {
    const { arn } = configuration;
    const share = this.#shares.get(arn) ?? new Share(this.#boundOf(configuration) ?? FUNCTION_CONCURRENCY_DEFAULT);
    this.#shares.set(arn, share);
    return share;
  }

  #poolOf(configuration: FunctionConfiguration): Pool {
    const { arn, timeoutSeconds, memoryMb, version } = configuration;
    const key = configurationKey(configuration);
    let pool = this.#pools.get(key);
    if (pool === undefined) {
      const log = this.#logOf(configuration);
      const plan = {
        ...{ timeoutSeconds, memoryMb, version, initSeconds: Math.max(FUNCTION_INIT_SECONDS_MAX, timeoutSeconds) },
        log: (line: LogLine) => {
          log.append(line);
          for (const listener of this.#listeners) listener({ ...line, functionArn: arn });
        },
        logPause: () => log.pause(),
      };
      const prepare = () => prepareLaunch(configuration, { ...this.options, code: this.code, packages: this.packages });
      pool = new Pool(plan, this.#shareOf(configuration), prepare, this.#capacity, this.#warden);
      this.#pools.set(key, pool);
    }
    return pool;
  }

  /** No calls any more: what it is for is gone. */
  #retire(configuration: FunctionConfiguration): void {
    const gone = functionNotFound(configurationKey(configuration));
    for (const call of this.#retirePool(configuration)) call.settle(refusedAs(gone));
  }

  #retirePool(configuration: FunctionConfiguration): readonly Call[] {
    const key = configurationKey(configuration);
    const pool = this.#pools.get(key);
    if (pool === undefined) return [];
    this.#pools.delete(key);
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

  /** As `find`, but a foreign account or region (as in a definition that was written for AWS) is looked up by name. */
  #resolve(name: string): FoundFunction {
    const { found, wanted } = this.registry.resolve(name, this.options.place);
    if (wanted !== null && !this.#warned.has(wanted)) {
      this.#warned.add(wanted);
      const { arn } = found.configuration;
      this.options.warn?.(`There is no ${wanted}; ${arn} has the same name and is called instead.`);
    }
    return found;
  }
}

const refusedAs = ({ code, message, status }: FunctionRefusal): InvocationResult => ({
  type: 'refused',
  code,
  message,
  status,
});

const throttled = (reservedConcurrency: number | null): FunctionRefusal =>
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
