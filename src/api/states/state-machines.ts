import { randomUUID } from 'node:crypto';
import { type Place, stateMachineArn } from '../../arn.js';
import { baseRevision, childRevision } from '../../host/index.js';
import type { Revision, Revisions } from '../../host/ports.js';
import { type Definition, formatInvalidDefinition, parseDefinition } from '../../language/index.js';
import { AWS_QUOTAS, type Quotas, REVISIONS_IN_MEMORY_MAX } from '../../limits.js';
import { RecordConflict, type RecordStore, type RecordWrite } from '../../store/ports.js';
import { putJson } from '../../store/record-writes.js';
import { ApiError } from '../port.js';
import { type Alias, Aliases, chooseRoute } from './aliases.js';
import { DEFAULT_LOGGING, executionLogging, type LoggingConfiguration } from './logging-configuration.js';
import { type Tag, Tags } from './tags.js';
import { type Version, Versions } from './versions.js';

export type MachineType = 'STANDARD' | 'EXPRESS';

/** A state machine as it is kept. Times are epoch milliseconds. */
export interface StateMachine {
  readonly arn: string;
  readonly name: string;
  readonly type: MachineType;
  readonly createdAt: number;
  /** The revision that new executions get. */
  readonly revision: string;
  /** What DescribeStateMachine shows: null until the first update. */
  readonly shownRevision: string | null;
  /** The highest number that a version has had; 0 before the first. */
  readonly lastVersion: number;
  /** How it was created, since the same request again is the same machine: null without a version. */
  readonly published: Publication | null;
}

/** What a new revision changes; the rest stays as it is. */
export interface RevisionChange {
  readonly definition?: string | undefined;
  readonly roleArn?: string | undefined;
  readonly logging?: LoggingConfiguration | undefined;
  readonly isTraced?: boolean | undefined;
}

/** A version is to be made of the revision that the request brings. */
export interface Publication {
  readonly description: string | null;
}

/** What an ARN with or without a qualifier leads to. */
export interface StartTarget {
  readonly machine: StateMachine;
  readonly revision: string;
  readonly version: Version | null;
  readonly alias: Alias | null;
}

/** How a client names the revision that a machine was created with. */
const INITIAL_REVISION = 'INITIAL';

/** What a revision holds besides its compiled definition. */
export interface RevisionRecord {
  readonly machineArn: string;
  readonly machineName: string;
  readonly type: MachineType;
  readonly definition: string;
  readonly roleArn: string;
  readonly logging: LoggingConfiguration;
  /** X-Ray tracing is on: its executions leave spans. Missing in records of earlier releases. */
  readonly isTraced?: boolean;
  readonly createdAt: number;
}

const MACHINES = 'state-machine';
const REVISIONS = 'revision';

/** State machines and their revisions, which are kept as long as executions refer to them. */
export class StateMachines implements Revisions {
  readonly #compiled = new Map<string, Revision>();
  readonly #machines = new Map<string, StateMachine>();
  /** The last change of each machine that is being changed: one at a time, since each reads before it writes. */
  readonly #changes = new Map<string, Promise<unknown>>();
  readonly versions: Versions;
  readonly aliases: Aliases;
  readonly tags: Tags;

  constructor(
    private readonly records: RecordStore,
    private readonly now: () => number,
    readonly quotas: Quotas = AWS_QUOTAS,
  ) {
    this.versions = new Versions(records);
    this.aliases = new Aliases(records);
    this.tags = new Tags(records);
  }

  async find(arn: string): Promise<StateMachine | null> {
    const held = this.#machines.get(arn);
    if (held !== undefined) return held;
    const text = await this.records.get(MACHINES, arn);
    if (text === null) return null;
    const machine = JSON.parse(text) as StateMachine;
    this.#hold(machine);
    return machine;
  }

  /** Throws StateMachineDoesNotExist. */
  async get(arn: string): Promise<StateMachine> {
    const machine = await this.find(arn);
    if (machine !== null) return machine;
    throw new ApiError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
  }

  /** Follows a version or an alias (`chance` in [0, 1) chooses among its routes). Throws StateMachineDoesNotExist. */
  async resolve(arn: string, qualifier: string | null, chance: number): Promise<StartTarget> {
    if (qualifier === null) {
      const machine = await this.get(arn);
      return { machine, revision: machine.revision, version: null, alias: null };
    }
    const machine = await this.find(arn);
    const alias = isVersionNumber(qualifier) ? null : await this.aliases.find(arn, qualifier);
    const number = alias === null ? Number(qualifier) : chooseRoute(alias, chance).version;
    const version = Number.isInteger(number) ? await this.versions.find(arn, number) : null;
    if (machine !== null && version !== null) return { machine, revision: version.revision, version, alias };
    throw new ApiError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}:${qualifier}'`);
  }

  /** By name, ascending; names after `after`. */
  async list(place: Place, after: string | null, limit: number): Promise<readonly StateMachine[]> {
    const prefix = stateMachineArn(place, '');
    const rows = await this.records.scan({
      collection: MACHINES,
      prefix,
      after: after === null ? null : prefix + after,
      limit,
    });
    return rows.map((row) => JSON.parse(row.value) as StateMachine);
  }

  /** Every machine of every region: for people, not for AWS clients. */
  async listAll(limit: number): Promise<readonly StateMachine[]> {
    const rows = await this.records.scan({ collection: MACHINES, prefix: '', after: null, limit });
    return rows.map((row) => JSON.parse(row.value) as StateMachine);
  }

  /** The same request again gives the machine that exists; another one throws StateMachineAlreadyExists. */
  async create(
    place: Place,
    request: {
      readonly name: string;
      readonly definition: string;
      readonly roleArn: string;
      readonly type: MachineType;
      readonly logging?: LoggingConfiguration;
      readonly isTraced?: boolean;
    },
    options: { readonly tags?: readonly Tag[]; readonly published?: Publication | null } = {},
  ): Promise<StateMachine> {
    const { tags = [], published = null } = options;
    const arn = stateMachineArn(place, request.name);
    const definition = compile(request.definition, request.type, this.quotas.definitionCharsMax);
    const existing = await this.find(arn);
    if (existing !== null) return this.#sameAs(existing, request, published);
    const createdAt = this.now();
    const machine: StateMachine = {
      arn,
      name: request.name,
      type: request.type,
      createdAt,
      revision: randomUUID(),
      shownRevision: null,
      lastVersion: published === null ? 0 : 1,
      published,
    };
    const { logging = DEFAULT_LOGGING } = request;
    const record = { ...request, logging, machineArn: arn, machineName: request.name, createdAt };
    try {
      await this.records.write([
        putJson(MACHINES, arn, machine, 'absent'),
        revisionWrite(machine.revision, record),
        this.tags.writeOf(arn, tags),
        ...this.#publication(machine, published, createdAt),
      ]);
    } catch (fault) {
      if (!(fault instanceof RecordConflict)) throw fault;
      return this.#sameAs(await this.get(arn), request, published);
    }
    this.#hold(machine);
    this.#keep(machine.revision, record, definition);
    return machine;
  }

  async #sameAs(
    machine: StateMachine,
    request: {
      readonly definition: string;
      readonly type: MachineType;
      readonly logging?: LoggingConfiguration;
      readonly isTraced?: boolean;
    },
    published: Publication | null,
  ): Promise<StateMachine> {
    const revision = await this.revision(machine.revision);
    const isPublishedAlike = machine.published?.description === published?.description;
    const isLoggedAlike = JSON.stringify(revision.logging) === JSON.stringify(request.logging ?? DEFAULT_LOGGING);
    const isTracedAlike = (revision.isTraced ?? false) === (request.isTraced ?? false);
    if (
      isPublishedAlike &&
      isLoggedAlike &&
      isTracedAlike &&
      revision.definition === request.definition &&
      machine.type === request.type
    )
      return machine;
    throw new ApiError('StateMachineAlreadyExists', `State Machine Already Exists: '${machine.arn}'`);
  }

  /** New executions get the new revision; running ones keep theirs. */
  update(
    arn: string,
    change: RevisionChange,
    published: Publication | null = null,
  ): Promise<StateMachine & { readonly updatedAt: number }> {
    return this.#serially(arn, () => this.#update(arn, change, published));
  }

  async #update(
    arn: string,
    change: RevisionChange,
    published: Publication | null,
  ): Promise<StateMachine & { readonly updatedAt: number }> {
    const machine = await this.get(arn);
    if (published !== null) await this.versions.checkRoom(arn);
    const current = await this.revision(machine.revision);
    const definition = change.definition ?? current.definition;
    const compiled = compile(definition, machine.type, this.quotas.definitionCharsMax);
    const updatedAt = this.now();
    const record = {
      ...current,
      definition,
      roleArn: change.roleArn ?? current.roleArn,
      logging: change.logging ?? current.logging,
      isTraced: change.isTraced ?? current.isTraced ?? false,
      createdAt: updatedAt,
    };
    const revision = randomUUID();
    const lastVersion = machine.lastVersion + (published === null ? 0 : 1);
    const updated: StateMachine = { ...machine, revision, shownRevision: revision, lastVersion };
    await this.records.write([
      putJson(MACHINES, arn, updated),
      revisionWrite(revision, record),
      ...this.#publication(updated, published, updatedAt),
    ]);
    this.#hold(updated);
    this.#keep(revision, record, compiled);
    return { ...updated, updatedAt };
  }

  /**
   * A version of the current revision; the one that there is, if it has been published already. Throws ConflictException
   * when `revisionId` is not the current revision.
   */
  publish(arn: string, request: { readonly revisionId: string | null } & Publication): Promise<Version> {
    return this.#serially(arn, async () => {
      const machine = await this.get(arn);
      const { revisionId, description } = request;
      const shown = machine.shownRevision ?? INITIAL_REVISION;
      if (revisionId !== null && revisionId !== shown) {
        throw new ApiError(
          'ConflictException',
          `Failed to publish the State Machine version for revision ${revisionId}. The current State Machine revision is ${shown}.`,
        );
      }
      const [newest] = await this.versions.list(arn, null, 1);
      if (newest?.revision === machine.revision) return newest;
      await this.versions.checkRoom(arn);
      const updated: StateMachine = { ...machine, lastVersion: machine.lastVersion + 1 };
      const version = versionOf(updated, description, this.now());
      await this.records.write([putJson(MACHINES, arn, updated), this.versions.writeOf(arn, version)]);
      this.#hold(updated);
      return version;
    });
  }

  /** Executions that run keep their revision and go on to their end; versions, aliases and tags go with the machine. */
  remove(arn: string): Promise<void> {
    return this.#serially(arn, async () => {
      await this.records.write([
        { type: 'delete', collection: MACHINES, key: arn },
        this.tags.removal(arn),
        ...(await this.versions.removal(arn)),
        ...(await this.aliases.removal(arn)),
      ]);
      this.#machines.delete(arn);
    });
  }

  #publication(machine: StateMachine, published: Publication | null, at: number): readonly RecordWrite[] {
    if (published === null) return [];
    return [this.versions.writeOf(machine.arn, versionOf(machine, published.description, at))];
  }

  async #serially<Result>(arn: string, change: () => Promise<Result>): Promise<Result> {
    const before = this.#changes.get(arn) ?? Promise.resolve();
    const own = before.then(change, change);
    this.#changes.set(arn, own);
    try {
      return await own;
    } finally {
      if (this.#changes.get(arn) === own) this.#changes.delete(arn);
    }
  }

  async revision(id: string): Promise<RevisionRecord> {
    const text = await this.records.get(REVISIONS, baseRevision(id).id);
    if (text === null) throw new Error(`Broken invariant: there is no revision ${id}`);
    return JSON.parse(text) as RevisionRecord;
  }

  async load(id: string): Promise<Revision | null> {
    const held = this.#compiled.get(id);
    if (held !== undefined) return held;
    const base = baseRevision(id);
    if (base.label !== null) return this.#loadChild(id, base.id, base.label);
    const text = await this.records.get(REVISIONS, id);
    if (text === null) return null;
    const record = JSON.parse(text) as RevisionRecord;
    // Taken once, it stays good: the quota may have been higher then.
    return this.#keep(id, record, compile(record.definition, record.type, Number.POSITIVE_INFINITY));
  }

  /** A child of a map run runs a part of its machine's revision. */
  async #loadChild(id: string, base: string, label: string): Promise<Revision | null> {
    const revision = await this.load(base);
    if (revision === null) return null;
    const child = childRevision(revision, label);
    bounded(this.#compiled).set(id, child);
    return child;
  }

  #keep(id: string, record: RevisionRecord, definition: Definition): Revision {
    const { machineArn, machineName, roleArn } = record;
    const logging = executionLogging(record.logging);
    const isTraced = record.isTraced ?? false;
    const revision: Revision = { id, machineArn, machineName, roleArn, definition, logging, isTraced };
    bounded(this.#compiled).set(id, revision);
    return revision;
  }

  #hold(machine: StateMachine): void {
    bounded(this.#machines).set(machine.arn, machine);
  }
}

const isVersionNumber = (qualifier: string): boolean => /^\d{1,9}$/.test(qualifier);

/** The machine's latest number, for its current revision. */
const versionOf = (machine: StateMachine, description: string | null, createdAt: number): Version => ({
  arn: `${machine.arn}:${machine.lastVersion}`,
  number: machine.lastVersion,
  revision: machine.revision,
  shownRevision: machine.shownRevision,
  description,
  createdAt,
});

/** Makes room for one more: the one that came first goes. */
function bounded<Value>(map: Map<string, Value>): Map<string, Value> {
  if (map.size >= REVISIONS_IN_MEMORY_MAX) map.delete(map.keys().next().value ?? '');
  return map;
}

/** Throws InvalidDefinition with every diagnostic. */
function compile(text: string, type: MachineType, charsMax: number): Definition {
  const { definition, diagnostics } = parseDefinition(text, { type, charsMax });
  if (definition !== null) return definition;
  throw new ApiError('InvalidDefinition', formatInvalidDefinition(diagnostics));
}

function revisionWrite(id: string, record: RevisionRecord) {
  const { machineArn, machineName, type, definition, roleArn, logging, isTraced = false, createdAt } = record;
  const row = { machineArn, machineName, type, definition, roleArn, logging, isTraced, createdAt };
  return putJson(REVISIONS, id, row, 'absent');
}
