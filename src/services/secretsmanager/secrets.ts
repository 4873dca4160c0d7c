import { randomInt } from 'node:crypto';
import { type Place, parseArn } from '../../arn.js';
import { SECRET_VERSIONS_MAX, SECRETS_PAGE } from '../../limits/services.js';
import type { RecordStore, RecordWrite } from '../../store/ports.js';
import { everyRecord } from '../../store/record-pages.js';
import { putJson } from '../../store/record-writes.js';
import type { Clock } from '../ports.js';
import { noSuchSecret, SecretsFault } from './fault.js';
import { CURRENT, type Secret, type SecretValue, type SecretVersion, withStages } from './secret.js';
import type { Vault } from './vault.js';

const SECRETS = 'secret';
const VALUES = 'secret-value';
const DAY_MS = 86_400_000;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

export interface SecretsOptions {
  readonly records: RecordStore;
  readonly clock: Clock;
  readonly vault: Vault;
}

/** A version that is to be made; `id` is the client's token, so that a request that is sent again makes none. */
export interface NewVersion {
  readonly id: string;
  readonly value: SecretValue;
}

/** Secrets of all regions: values sealed, everything else readable. Throws SecretsFault for what AWS refuses. */
export class Secrets {
  #lastChange: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: SecretsOptions) {}

  create(
    place: Place,
    name: string,
    given: Pick<Secret, 'description' | 'tags'> & {
      readonly version: NewVersion | null;
      /** As a template refers to it; else its last six characters are drawn. */
      readonly arn?: string;
    },
  ): Promise<Secret> {
    return this.#inTurn(async () => {
      const existing = await this.#read(keyOf(place, name));
      if (existing !== null) return this.#alreadyThere(existing, given.version);
      const at = this.options.clock.now();
      const secret: Secret = {
        arn: given.arn ?? `arn:aws:secretsmanager:${place.region}:${place.account}:secret:${name}-${suffix()}`,
        name,
        description: given.description,
        tags: given.tags,
        createdAt: at,
        changedAt: at,
        deletedAt: null,
        goneAt: null,
        versions: [],
      };
      const { version } = given;
      const made = version === null ? { secret, writes: [] } : this.#withVersion(secret, version, [CURRENT]);
      await this.#write(made.secret, made.writes);
      return made.secret;
    });
  }

  /** Also of one that was deleted and can still be restored. */
  async find(place: Place, id: string): Promise<Secret> {
    const secret = await this.#look(place, id);
    if (secret === null) throw noSuchSecret();
    return secret;
  }

  async get(
    place: Place,
    id: string,
    version: { readonly id?: string | undefined; readonly stage?: string | undefined },
  ) {
    const secret = usable(await this.find(place, id));
    const stage = version.stage ?? (version.id === undefined ? CURRENT : undefined);
    const found = secret.versions.find(
      (one) =>
        (version.id === undefined || one.id === version.id) && (stage === undefined || one.stages.includes(stage)),
    );
    const value = found === undefined ? null : await this.#value(secret, found);
    if (found !== undefined && value !== null) return { secret, version: found, value };
    const which = version.id === undefined ? `staging label: ${stage}` : `VersionId: ${version.id}`;
    throw new SecretsFault(
      'ResourceNotFoundException',
      `Secrets Manager can't find the specified secret value for ${which}`,
    );
  }

  put(place: Place, id: string, version: NewVersion, stages: readonly string[]): Promise<Secret> {
    return this.#change(place, id, async (secret) => {
      const same = await this.#isSame(secret, version);
      return same ? { secret, writes: [] } : this.#withVersion(secret, version, stages);
    });
  }

  update(
    place: Place,
    id: string,
    change: { readonly description?: string; readonly version: NewVersion | null },
  ): Promise<Secret> {
    return this.#change(place, id, async (before) => {
      const { description, version } = change;
      const secret = description === undefined ? before : { ...before, description };
      if (version === null || (await this.#isSame(before, version))) return { secret, writes: [] };
      return this.#withVersion(secret, version, [CURRENT]);
    });
  }

  /** Moves a label to the version `to`, or takes it from `from`. */
  moveStage(
    place: Place,
    id: string,
    move: { readonly stage: string; readonly from: string | undefined; readonly to: string | undefined },
  ): Promise<Secret> {
    return this.#change(place, id, async (secret) => {
      const holder = secret.versions.find(({ stages }) => stages.includes(move.stage));
      for (const named of [move.from, move.to]) {
        if (named === undefined || secret.versions.some((version) => version.id === named)) continue;
        throw new SecretsFault(
          'ResourceNotFoundException',
          `Secrets Manager can't find the specified secret value for VersionId: ${named}`,
        );
      }
      if (holder !== undefined && holder.id !== move.from && holder.id !== move.to) {
        const text = `The parameter RemoveFromVersionId can't be empty. Staging label ${move.stage} is currently attached to version ${holder.id}, so you must explicitly reference that version in RemoveFromVersionId.`;
        throw new SecretsFault('InvalidParameterException', text);
      }
      if (move.to !== undefined)
        return { secret: { ...secret, versions: withStages(secret.versions, move.to, [move.stage]) }, writes: [] };
      if (move.stage === CURRENT)
        throw new SecretsFault(
          'InvalidParameterException',
          `Expected the label ${CURRENT} to move to another version, but it is only taken away.`,
        );
      const versions = secret.versions.map((one) =>
        one.id === move.from ? { ...one, stages: one.stages.filter((label) => label !== move.stage) } : one,
      );
      return { secret: { ...secret, versions }, writes: [] };
    });
  }

  tag(place: Place, id: string, change: (tags: Secret['tags']) => Secret['tags']): Promise<Secret> {
    return this.#change(place, id, async (secret) => ({
      secret: { ...secret, tags: change(secret.tags) },
      writes: [],
    }));
  }

  /** Gone for good after so many days; at once with 0. */
  remove(place: Place, id: string, days: number): Promise<Secret> {
    return this.#inTurn(async () => {
      const secret = await this.find(place, id);
      if (days > 0) usable(secret);
      const at = this.options.clock.now();
      const deleted = { ...secret, deletedAt: at, goneAt: at + days * DAY_MS };
      if (days === 0) await this.#purge(secret);
      else await this.#write(deleted, []);
      return deleted;
    });
  }

  restore(place: Place, id: string): Promise<Secret> {
    return this.#inTurn(async () => {
      const secret = { ...(await this.find(place, id)), deletedAt: null, goneAt: null };
      await this.#write(secret, []);
      return secret;
    });
  }

  /** By name, ascending; names after `after`. Those that can still be restored are among them. */
  async list(place: Place, after: string | null, limit: number): Promise<readonly Secret[]> {
    const prefix = keyOf(place, '');
    const query = { collection: SECRETS, prefix, after: after === null ? null : prefix + after, limit };
    return (await this.options.records.scan(query)).map(({ value }) => JSON.parse(value) as Secret); // our own text
  }

  /** Takes away what was deleted and cannot be restored any more. */
  async sweep(): Promise<void> {
    for await (const { value } of everyRecord(this.options.records, { collection: SECRETS, limit: SECRETS_PAGE })) {
      const secret = JSON.parse(value) as Secret; // our own text
      if (this.#isGone(secret)) await this.#inTurn(() => this.#purge(secret));
    }
  }

  async #alreadyThere(existing: Secret, version: NewVersion | null): Promise<Secret> {
    if (existing.deletedAt !== null) {
      const text = "You can't create this secret because a secret with this name is already scheduled for deletion.";
      throw new SecretsFault('InvalidRequestException', text);
    }
    if (version !== null && existing.versions[0]?.id === version.id && (await this.#isSame(existing, version)))
      return existing;
    throw new SecretsFault(
      'ResourceExistsException',
      `The operation failed because the secret ${existing.name} already exists.`,
    );
  }

  /** Whether there is this version already. Throws where it has another value. */
  async #isSame(secret: Secret, { id, value }: NewVersion): Promise<boolean> {
    const existing = secret.versions.find((version) => version.id === id);
    if (existing === undefined) return false;
    if (JSON.stringify(await this.#value(secret, existing)) === JSON.stringify(value)) return true;
    const text = `You can't use ClientRequestToken ${id} because that value is already in use for a version of secret ${secret.arn}.`;
    throw new SecretsFault('ResourceExistsException', text);
  }

  #withVersion(secret: Secret, { id, value }: NewVersion, stages: readonly string[]): Changed {
    const { vault, clock } = this.options;
    const at = clock.now();
    const added = [...secret.versions, { id, stages: [], createdAt: at }];
    // Of those without a label the oldest go first, as on AWS.
    const all = withStages(added, id, secret.versions.length === 0 ? [...new Set([CURRENT, ...stages])] : stages);
    const spare = all.filter((version) => version.stages.length === 0);
    const dropped = spare.slice(0, Math.max(0, all.length - SECRET_VERSIONS_MAX));
    if (all.length - dropped.length > SECRET_VERSIONS_MAX)
      throw new SecretsFault('LimitExceededException', `A secret has at most ${SECRET_VERSIONS_MAX} versions.`);
    const key = valueKey(secret, id);
    return {
      secret: { ...secret, changedAt: at, versions: all.filter((version) => !dropped.includes(version)) },
      writes: [
        { type: 'put', collection: VALUES, key, value: vault.seal(JSON.stringify(value), key), expect: 'any' },
        ...dropped.map(
          (version): RecordWrite => ({ type: 'delete', collection: VALUES, key: valueKey(secret, version.id) }),
        ),
      ],
    };
  }

  async #value(secret: Secret, { id }: SecretVersion): Promise<SecretValue | null> {
    const key = valueKey(secret, id);
    const sealed = await this.options.records.get(VALUES, key);
    return sealed === null ? null : (JSON.parse(this.options.vault.unseal(sealed, key)) as SecretValue); // our own text
  }

  #change(place: Place, id: string, change: (secret: Secret) => Promise<Changed>): Promise<Secret> {
    return this.#inTurn(async () => {
      const { secret, writes } = await change(usable(await this.find(place, id)));
      await this.#write(secret, writes);
      return secret;
    });
  }

  /** By name, ARN, or ARN without the six characters at its end. */
  async #look(place: Place, id: string): Promise<Secret | null> {
    const arn = parseArn(id);
    if (arn === null) return this.#read(keyOf(place, id));
    const named = arn.resource.replace(/^secret:/, '');
    if (arn.service !== 'secretsmanager') return null;
    const whole = /^(.+)-[A-Za-z0-9]{6}$/.exec(named)?.[1];
    const exact = whole === undefined ? null : await this.#read(keyOf(arn, whole));
    return exact?.arn === id ? exact : this.#read(keyOf(arn, named));
  }

  async #read(key: string): Promise<Secret | null> {
    const text = await this.options.records.get(SECRETS, key);
    const secret = text === null ? null : (JSON.parse(text) as Secret); // our own text
    return secret === null || this.#isGone(secret) ? null : secret;
  }

  #isGone({ goneAt }: Secret): boolean {
    return goneAt !== null && goneAt <= this.options.clock.now();
  }

  /** A secret of the same name that is made later writes over what is left of this one. */
  async #write(secret: Secret, writes: readonly RecordWrite[]): Promise<void> {
    await this.options.records.write([...writes, putJson(SECRETS, keyOfSecret(secret), secret)]);
  }

  async #purge(secret: Secret): Promise<void> {
    const rows = [
      { collection: SECRETS, key: keyOfSecret(secret) },
      ...secret.versions.map(({ id }) => ({ collection: VALUES, key: valueKey(secret, id) })),
    ];
    await this.options.records.write(rows.map((row): RecordWrite => ({ type: 'delete', ...row })));
  }

  /** One change at a time: each begins with what the one before has left. */
  #inTurn<Result>(change: () => Promise<Result>): Promise<Result> {
    const turn = this.#lastChange.then(change);
    this.#lastChange = turn.catch(() => undefined);
    return turn;
  }
}

interface Changed {
  readonly secret: Secret;
  readonly writes: readonly RecordWrite[];
}

function usable(secret: Secret): Secret {
  if (secret.deletedAt === null) return secret;
  const text = "You can't perform this operation on the secret because it was marked for deletion.";
  throw new SecretsFault('InvalidRequestException', text);
}

const suffix = (): string => Array.from({ length: 6 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
const keyOf = ({ region, account }: Place, name: string): string => `${region} ${account} ${name}`;
const valueKey = ({ arn }: Secret, version: string): string => `${arn} ${version}`;

function keyOfSecret({ arn, name }: Secret): string {
  const place = parseArn(arn);
  if (place === null) throw new Error(`Broken invariant: '${arn}' is no ARN`);
  return keyOf(place, name);
}
