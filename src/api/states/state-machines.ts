import { randomUUID } from 'node:crypto';
import { type Place, stateMachineArn } from '../../arn.js';
import { baseRevision, childRevision } from '../../host/index.js';
import type { Revision, Revisions } from '../../host/ports.js';
import { type Definition, formatInvalidDefinition, parseDefinition } from '../../language/index.js';
import { AWS_QUOTAS, type Quotas, REVISIONS_IN_MEMORY_MAX } from '../../limits.js';
import { RecordConflict, type RecordStore } from '../../store/ports.js';
import { putJson } from '../../store/record-writes.js';
import { ApiError } from '../port.js';

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
}

/** What a revision holds besides its compiled definition. */
export interface RevisionRecord {
  readonly machineArn: string;
  readonly machineName: string;
  readonly type: MachineType;
  readonly definition: string;
  readonly roleArn: string;
  readonly createdAt: number;
}

const MACHINES = 'state-machine';
const REVISIONS = 'revision';

/** State machines and their revisions, which are kept as long as executions refer to them. */
export class StateMachines implements Revisions {
  readonly #compiled = new Map<string, Revision>();
  readonly #machines = new Map<string, StateMachine>();

  constructor(
    private readonly records: RecordStore,
    private readonly now: () => number,
    readonly quotas: Quotas = AWS_QUOTAS,
  ) {}

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
    },
  ): Promise<StateMachine> {
    const arn = stateMachineArn(place, request.name);
    const definition = compile(request.definition, request.type, this.quotas.definitionCharsMax);
    const existing = await this.find(arn);
    if (existing !== null) return this.#sameAs(existing, request);
    const createdAt = this.now();
    const machine: StateMachine = {
      arn,
      name: request.name,
      type: request.type,
      createdAt,
      revision: randomUUID(),
      shownRevision: null,
    };
    const record = { ...request, machineArn: arn, machineName: request.name, createdAt };
    try {
      await this.records.write([putJson(MACHINES, arn, machine, 'absent'), revisionWrite(machine.revision, record)]);
    } catch (fault) {
      if (!(fault instanceof RecordConflict)) throw fault;
      return this.#sameAs(await this.get(arn), request);
    }
    this.#hold(machine);
    this.#keep(machine.revision, record, definition);
    return machine;
  }

  async #sameAs(
    machine: StateMachine,
    request: { readonly definition: string; readonly type: MachineType },
  ): Promise<StateMachine> {
    const revision = await this.revision(machine.revision);
    if (revision.definition === request.definition && machine.type === request.type) return machine;
    throw new ApiError('StateMachineAlreadyExists', `State Machine Already Exists: '${machine.arn}'`);
  }

  /** New executions get the new revision; running ones keep theirs. */
  async update(
    arn: string,
    change: { readonly definition?: string | undefined; readonly roleArn?: string | undefined },
  ): Promise<StateMachine & { readonly updatedAt: number }> {
    const machine = await this.get(arn);
    const current = await this.revision(machine.revision);
    const definition = change.definition ?? current.definition;
    const compiled = compile(definition, machine.type, this.quotas.definitionCharsMax);
    const updatedAt = this.now();
    const record = { ...current, definition, roleArn: change.roleArn ?? current.roleArn, createdAt: updatedAt };
    const revision = randomUUID();
    const updated: StateMachine = { ...machine, revision, shownRevision: revision };
    await this.records.write([putJson(MACHINES, arn, updated), revisionWrite(revision, record)]);
    this.#hold(updated);
    this.#keep(revision, record, compiled);
    return { ...updated, updatedAt };
  }

  /** Executions that run keep their revision and go on to their end. */
  async remove(arn: string): Promise<void> {
    await this.records.write([{ type: 'delete', collection: MACHINES, key: arn }]);
    this.#machines.delete(arn);
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
    const revision: Revision = { id, machineArn, machineName, roleArn, definition };
    bounded(this.#compiled).set(id, revision);
    return revision;
  }

  #hold(machine: StateMachine): void {
    bounded(this.#machines).set(machine.arn, machine);
  }
}

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

function revisionWrite(id: string, { machineArn, machineName, type, definition, roleArn, createdAt }: RevisionRecord) {
  return putJson(REVISIONS, id, { machineArn, machineName, type, definition, roleArn, createdAt }, 'absent');
}
