import { randomUUID } from 'node:crypto';
import type { Place } from '../arn.js';
import { FUNCTION_ALIASES_MAX, FUNCTION_DESCRIPTION_CHARS_MAX } from '../limits.js';
import type { CodeStore } from './code-store.js';
import type { FunctionConfiguration } from './configuration.js';
import type { FunctionAlias } from './extras.js';
import { hashFolder } from './folder-hash.js';
import { FunctionRefusal, functionNotFound, invalidParameter } from './refusal.js';
import type { Registry } from './registry.js';

export interface AliasSettings {
  readonly version: string;
  readonly description: string;
  readonly routing: Readonly<Record<string, number>>;
}

export interface PublishVersion {
  /** Refused when the code of `$LATEST` has another one. */
  readonly codeSha256?: string | undefined;
  readonly revisionId?: string | undefined;
  /** That of `$LATEST` when missing. */
  readonly description?: string | undefined;
}

/** A function's numbered versions and the aliases that name them. All methods throw FunctionRefusal. */
export class FunctionVersions {
  constructor(
    private readonly registry: Registry,
    private readonly code: CodeStore,
    /** Hears which version has no calls any more. */
    private readonly retire: (configuration: FunctionConfiguration) => void,
  ) {}

  /** Keeps `$LATEST` as it is under the next number; unchanged since the last version, it gives that one. */
  publish(name: string, place: Place, request: PublishVersion = {}): Promise<FunctionConfiguration> {
    const { arn } = this.#latest(name, place);
    return this.registry.serially(arn, async () => {
      const current = this.#latest(name, place);
      checkRevision(current.revisionId, request.revisionId);
      const { codeSha256 } = request;
      if (codeSha256 !== undefined && codeSha256 !== current.codeSha256) {
        throw invalidParameter(
          `CodeSHA256 (${codeSha256}) is different from current CodeSHA256 in $LATEST (${current.codeSha256}). ` +
            'Please try again with the CodeSHA256 in $LATEST.',
        );
      }
      const code = await this.code.snapshot(current);
      const extras = this.registry.extras(arn);
      const last = this.registry.version(arn, String(extras.lastVersion));
      if (last !== null && isSame(last, { ...current, ...code })) return last;
      const number = extras.lastVersion + 1;
      const description = checkedDescription(request.description) ?? current.description;
      const own = { description, version: String(number), revisionId: randomUUID(), lastModifiedAt: Date.now() };
      const version = { ...current, ...code, ...own };
      await this.registry.put(version, { ...extras, lastVersion: number });
      return version;
    });
  }

  /** The last version, when `$LATEST` is as it was then. */
  async published(name: string, place: Place): Promise<FunctionConfiguration | null> {
    const current = this.#latest(name, place);
    const last = this.registry.version(current.arn, String(this.registry.extras(current.arn).lastVersion));
    if (last === null) return null;
    const code = current.folder === null ? {} : { ...(await hashFolder(current.folder)), folder: null };
    return isSame(last, { ...current, ...code }) ? last : null;
  }

  /** `$LATEST` first, then the versions by number. */
  list(name: string, place: Place): readonly FunctionConfiguration[] {
    const latest = this.#latest(name, place);
    return [latest, ...this.registry.versions(latest.arn)];
  }

  /** Nothing happens when there is no such version. */
  removeVersion(name: string, version: string, place: Place): Promise<void> {
    const { arn } = this.#latest(name, place);
    return this.registry.serially(arn, async () => {
      const found = this.registry.version(arn, version);
      const names = Object.values(this.registry.extras(arn).aliases)
        .filter((alias) => alias.version === version || Object.hasOwn(alias.routing, version))
        .map((alias) => alias.name);
      if (names.length > 0) {
        throw conflict(
          `Unable to delete version because the following aliases reference it: [${names.sort().join(', ')}]`,
        );
      }
      if (found === null) return;
      await this.registry.removeVersion(arn, version);
      this.retire(found);
    });
  }

  createAlias(
    functionName: string,
    { name, ...settings }: Partial<AliasSettings> & Pick<FunctionAlias, 'name' | 'version'>,
    place: Place,
  ): Promise<FunctionAlias> {
    const { arn } = this.#latest(functionName, place);
    return this.registry.serially(arn, async () => {
      checkAliasName(name);
      const { aliases } = this.registry.extras(arn);
      if (Object.hasOwn(aliases, name)) throw conflict(`Alias already exists: ${arn}:${name}`);
      if (Object.keys(aliases).length >= FUNCTION_ALIASES_MAX) {
        throw invalidParameter(
          `Expected at most ${FUNCTION_ALIASES_MAX} aliases of a function, but '${arn}' has them already.`,
        );
      }
      return this.#keepAlias(arn, name, { description: '', routing: {}, ...settings });
    });
  }

  /** Members that are undefined stay as they are. */
  updateAlias(
    functionName: string,
    { name, revisionId, ...settings }: Partial<AliasSettings> & { name: string; revisionId?: string | undefined },
    place: Place,
  ): Promise<FunctionAlias> {
    const { arn } = this.#latest(functionName, place);
    return this.registry.serially(arn, async () => {
      const current = this.#alias(arn, name);
      checkRevision(current.revisionId, revisionId);
      return this.#keepAlias(arn, name, { ...current, ...settings });
    });
  }

  alias(functionName: string, name: string, place: Place): FunctionAlias {
    return this.#alias(this.#latest(functionName, place).arn, name);
  }

  /** By name; of one version, when one is given. */
  aliases(functionName: string, place: Place, version?: string): readonly FunctionAlias[] {
    const { arn } = this.#latest(functionName, place);
    return Object.values(this.registry.extras(arn).aliases)
      .filter((alias) => version === undefined || alias.version === version)
      .sort((left, right) => (left.name < right.name ? -1 : 1));
  }

  /** Nothing happens when there is no such alias. */
  removeAlias(functionName: string, name: string, place: Place): Promise<void> {
    const { arn } = this.#latest(functionName, place);
    return this.registry.serially(arn, async () => {
      const extras = this.registry.extras(arn);
      const { [name]: gone, ...aliases } = extras.aliases;
      if (gone !== undefined) await this.registry.putExtras(arn, { ...extras, aliases });
    });
  }

  async #keepAlias(
    arn: string,
    name: string,
    { version, description, routing }: AliasSettings,
  ): Promise<FunctionAlias> {
    checkedDescription(description);
    if (this.registry.version(arn, version) === null) throw functionNotFound(`${arn}:${version}`);
    this.#checkRouting(arn, version, routing);
    const alias = { name, version, description, routing, revisionId: randomUUID() };
    const extras = this.registry.extras(arn);
    await this.registry.putExtras(arn, { ...extras, aliases: { ...extras.aliases, [name]: alias } });
    return alias;
  }

  #checkRouting(arn: string, version: string, routing: AliasSettings['routing']): void {
    const others = Object.entries(routing);
    if (others.length > 1) {
      throw invalidParameter('Number of items in AdditionalVersionWeights cannot be greater than 1');
    }
    for (const [other, weight] of others) {
      if (other === version) {
        throw invalidParameter(
          `Invalid function version ${version}. Function version ${version} is already included in routing configuration.`,
        );
      }
      if (version === '$LATEST' || other === '$LATEST') {
        throw invalidParameter('$LATEST is not supported for an alias pointing to more than 1 version');
      }
      if (this.registry.version(arn, other) === null) throw functionNotFound(`${arn}:${other}`);
      if (!(weight >= 0 && weight <= 1)) {
        throw invalidParameter(`Expected a weight from 0 to 1 for version ${other}, but it is ${weight}.`);
      }
    }
  }

  #alias(arn: string, name: string): FunctionAlias {
    const { aliases } = this.registry.extras(arn);
    const alias = Object.hasOwn(aliases, name) ? aliases[name] : undefined;
    if (alias === undefined) {
      throw new FunctionRefusal('ResourceNotFoundException', `Cannot find alias arn: ${arn}:${name}`, 404);
    }
    return alias;
  }

  #latest(name: string, place: Place): FunctionConfiguration {
    const { arn } = this.registry.parse(name, place);
    const latest = this.registry.latest(arn);
    if (latest === null) throw functionNotFound(arn);
    return latest;
  }
}

/** Somebody else has changed it since the client looked. */
export function checkRevision(current: string, wanted: string | undefined): void {
  if (wanted === undefined || wanted === current) return;
  throw new FunctionRefusal(
    'PreconditionFailedException',
    'The RevisionId provided does not match the latest RevisionId. Call the GetFunction/GetAlias API to retrieve the latest RevisionId',
    412,
  );
}

const conflict = (message: string): FunctionRefusal => new FunctionRefusal('ResourceConflictException', message, 409);

function checkAliasName(name: string): void {
  if (/^(?!\d+$)[a-zA-Z0-9-_]{1,128}$/.test(name)) return;
  throw invalidParameter(
    `1 validation error detected: Value '${name}' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: (?!^[0-9]+$)([a-zA-Z0-9-_]+)`,
  );
}

function checkedDescription(description: string | undefined): string | undefined {
  if (description === undefined || description.length <= FUNCTION_DESCRIPTION_CHARS_MAX) return description;
  throw invalidParameter(
    `1 validation error detected: Value at 'description' failed to satisfy constraint: Member must have length less than or equal to ${FUNCTION_DESCRIPTION_CHARS_MAX}`,
  );
}

/** What a version does not have of its own. */
function isSame(version: FunctionConfiguration, current: FunctionConfiguration): boolean {
  const essence = (configuration: FunctionConfiguration): string =>
    JSON.stringify({
      ...configuration,
      ...{ description: '', version: '', revisionId: '', lastModifiedAt: 0, reservedConcurrency: null },
    });
  return essence(version) === essence(current);
}
