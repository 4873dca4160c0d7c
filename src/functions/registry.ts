import { createHash } from 'node:crypto';
import type { Place } from '../arn.js';
import type { FunctionConfiguration } from './configuration.js';
import { type FunctionAlias, type FunctionExtras, NO_EXTRAS } from './extras.js';
import { isLayerKey } from './layers.js';
import {
  configurationKey,
  extrasKey,
  type FunctionRecordChange,
  type FunctionRecords,
  readConfiguration,
  readExtras,
  writeConfiguration,
} from './records.js';
import { type FunctionReference, parseFunctionReference } from './reference.js';
import { functionNotFound, invalidParameter } from './refusal.js';

/** What a name with or without a qualifier means. */
export interface FoundFunction {
  readonly configuration: FunctionConfiguration;
  /** As the caller wrote it; null when there was none. */
  readonly qualifier: string | null;
  readonly alias: FunctionAlias | null;
}

interface Entry {
  readonly latest: FunctionConfiguration;
  readonly versions: Map<string, FunctionConfiguration>;
}

/** All functions with their versions and aliases: in memory, and in the records before anybody sees a change. */
export class Registry {
  readonly #entries = new Map<string, Entry>();
  readonly #extras = new Map<string, FunctionExtras>();
  readonly #lines = new Map<string, Promise<unknown>>();

  private constructor(readonly records: FunctionRecords) {}

  static open(records: FunctionRecords, rows: Awaited<ReturnType<FunctionRecords['list']>>): Registry {
    const registry = new Registry(records);
    const versions: FunctionConfiguration[] = [];
    for (const { key, text } of rows) {
      if (isLayerKey(key)) continue;
      if (key.endsWith('#')) registry.#extras.set(key.slice(0, -1), { ...NO_EXTRAS, ...readExtras(text) });
      else {
        const configuration = readConfiguration(text);
        if (configuration.version !== '$LATEST') versions.push(configuration);
        else registry.#entries.set(configuration.arn, { latest: configuration, versions: new Map() });
      }
    }
    for (const version of versions) registry.#entries.get(version.arn)?.versions.set(version.version, version);
    return registry;
  }

  latest(arn: string): FunctionConfiguration | null {
    return this.#entries.get(arn)?.latest ?? null;
  }

  /** `$LATEST` of every function. */
  all(): readonly FunctionConfiguration[] {
    return [...this.#entries.values()].map(({ latest }) => latest);
  }

  /** `$LATEST` and versions: whose code is needed. */
  everything(): readonly FunctionConfiguration[] {
    return [...this.#entries.values()].flatMap(({ latest, versions }) => [latest, ...versions.values()]);
  }

  /** Ascending by number. */
  versions(arn: string): readonly FunctionConfiguration[] {
    const versions = this.#entries.get(arn)?.versions.values() ?? [];
    return [...versions].sort((left, right) => Number(left.version) - Number(right.version));
  }

  extras(arn: string): FunctionExtras {
    return this.#extras.get(arn) ?? NO_EXTRAS;
  }

  /** `$LATEST` or a version, new or changed. */
  async put(configuration: FunctionConfiguration, extras?: FunctionExtras): Promise<void> {
    const { arn, version } = configuration;
    await this.records.write([
      { key: configurationKey(configuration), text: writeConfiguration(configuration) },
      ...(extras === undefined ? [] : [{ key: extrasKey(arn), text: JSON.stringify(extras) }]),
    ]);
    const versions = this.#entries.get(arn)?.versions ?? new Map<string, FunctionConfiguration>();
    if (version === '$LATEST') this.#entries.set(arn, { latest: configuration, versions });
    else versions.set(version, configuration);
    if (extras !== undefined) this.#extras.set(arn, extras);
  }

  async putExtras(arn: string, extras: FunctionExtras): Promise<void> {
    await this.records.write([{ key: extrasKey(arn), text: JSON.stringify(extras) }]);
    this.#extras.set(arn, extras);
  }

  async removeVersion(arn: string, version: string): Promise<void> {
    await this.records.write([{ key: configurationKey({ arn, version }), text: null }]);
    this.#entries.get(arn)?.versions.delete(version);
  }

  /** The function with its versions and aliases. */
  async remove(arn: string): Promise<void> {
    const { lastVersion } = this.extras(arn);
    const kept = { ...NO_EXTRAS, lastVersion };
    const keys = [arn, ...this.versions(arn).map(configurationKey)];
    const last: FunctionRecordChange = {
      key: extrasKey(arn),
      text: lastVersion === 0 ? null : JSON.stringify(kept), // a number is never given twice
    };
    await this.records.write([...keys.map((key) => ({ key, text: null })), last]);
    this.#entries.delete(arn);
    this.#extras.set(arn, kept);
  }

  /** Changes of one function, one after the other. */
  serially<Result>(arn: string, work: () => Promise<Result>): Promise<Result> {
    const before = this.#lines.get(arn) ?? Promise.resolve();
    const result = before.then(work, work);
    const line = result.then(
      () => undefined,
      () => undefined,
    );
    this.#lines.set(arn, line);
    void line.then(() => {
      if (this.#lines.get(arn) === line) this.#lines.delete(arn);
    });
    return result;
  }

  parse(name: string, place: Place): FunctionReference {
    const reference = parseFunctionReference(name, place);
    if (reference === null)
      throw invalidParameter(`Expected a function's name or ARN, but got '${name.slice(0, 200)}'.`);
    return reference;
  }

  /** By name, partial ARN or ARN, with or without a version or alias. Throws ResourceNotFoundException. */
  get(name: string, place: Place): FoundFunction {
    const reference = this.parse(name, place);
    const found = this.find(reference.arn, reference.qualifier);
    if (found === null) throw functionNotFound(qualified(reference));
    return found;
  }

  /** An alias gives the version that it names. */
  find(arn: string, qualifier: string | null): FoundFunction | null {
    const entry = this.#entries.get(arn);
    if (entry === undefined) return null;
    if (qualifier === null || qualifier === '$LATEST') return { configuration: entry.latest, qualifier, alias: null };
    const aliases = this.extras(arn).aliases;
    const alias = Object.hasOwn(aliases, qualifier) ? (aliases[qualifier] ?? null) : null;
    const configuration = this.version(arn, alias?.version ?? qualifier);
    return configuration === null ? null : { configuration, qualifier, alias };
  }

  /**
   * As `get`, but a foreign account or region is looked up by name, where only one function has it; `wanted` is then the ARN that was
   * asked for. Throws ResourceNotFoundException.
   */
  resolve(name: string, place: Place): { readonly found: FoundFunction; readonly wanted: string | null } {
    const reference = this.parse(name, place);
    const exact = this.find(reference.arn, reference.qualifier);
    if (exact !== null) return { found: exact, wanted: null };
    const isKnown = this.latest(reference.arn) !== null;
    const namesakes = this.all().filter((configuration) => configuration.name === reference.name);
    const [namesake] = namesakes;
    const isOnly = !isKnown && namesake !== undefined && namesakes.length === 1;
    const found = isOnly ? this.find(namesake.arn, reference.qualifier) : null;
    if (found !== null) return { found, wanted: reference.arn };
    throw functionNotFound(reference.qualifier === null ? `${reference.arn}:$LATEST` : qualified(reference));
  }

  version(arn: string, version: string): FunctionConfiguration | null {
    const entry = this.#entries.get(arn);
    return version === '$LATEST' ? (entry?.latest ?? null) : (entry?.versions.get(version) ?? null);
  }

  /** The version that one call gets: an alias may share its calls out. The same request always gets the same one. */
  routed({ configuration, alias }: FoundFunction, requestId: string): FunctionConfiguration {
    const [other] = Object.entries(alias?.routing ?? {});
    if (other === undefined) return configuration;
    const [version, weight] = other;
    const chance = createHash('sha256').update(requestId).digest().readUInt32BE() / 2 ** 32;
    return chance < weight ? (this.version(configuration.arn, version) ?? configuration) : configuration;
  }
}

export const qualified = ({ arn, qualifier }: Pick<FunctionReference, 'arn' | 'qualifier'>): string =>
  qualifier === null ? arn : `${arn}:${qualifier}`;
