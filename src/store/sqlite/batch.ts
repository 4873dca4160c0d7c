import type { Commit, CommitEntry, CommitOutcome, CommitResult, RecordWrite } from '../ports.js';
import { RecordConflict } from '../ports.js';
import { receivedError } from './errors.js';

/**
 * Commits cross to the storage thread as one flat array: structured clone copies numbers and strings several times faster than objects.
 * A batch is its characters, entries and commits in numbers, then each commit with its length in front.
 */
export type Flat = (number | string)[];

/** Which optional parts of an entry follow. */
export const HAS_DATA = 1;
export const HAS_START = 2;
export const HAS_STATUS = 4;
export const HAS_STOP = 8;
export const HAS_SNAPSHOT = 16;
/** Set when the entry touches outbox or timers: four lists follow, each with its count in front. */
export const HAS_LISTS = 32;
export const HAS_REDRIVE = 64;

export const WRITE_PUT = 0;
export const WRITE_PUT_ABSENT = 1;
export const WRITE_DELETE = 2;

export function encodeBatch(commits: readonly Commit[]): Flat {
  const batch: Flat = [0, 0, commits.length];
  let entries = 0;
  let chars = 0;
  for (const commit of commits) {
    encodeCommit(commit, batch);
    chars += charsOf(commit);
    entries += commit.entries.length + commit.writes.length;
  }
  batch[0] = chars;
  batch[1] = entries;
  return batch;
}

/** UTF-16 units of everything long in a commit. */
export function charsOf(commit: Commit): number {
  let chars = 0;
  for (const { data, snapshot } of commit.entries) chars += (data?.length ?? 0) + (snapshot?.data.length ?? 0);
  for (const write of commit.writes) chars += write.type === 'put' ? write.value.length : 0;
  return chars;
}

function encodeCommit(commit: Commit, batch: Flat): void {
  const start = batch.push(0);
  batch.push(mayBeUndone(commit) ? 1 : 0);
  batch.push(commit.entries.length);
  for (const entry of commit.entries) encodeEntry(entry, batch);
  batch.push(commit.writes.length);
  for (const write of commit.writes) encodeWrite(write, batch);
  batch[start - 1] = batch.length - start;
}

/** A record that must not stand there may be met when something of the commit is written already. */
const mayBeUndone = ({ entries, writes }: Commit): boolean =>
  entries.length + writes.length > 1 && writes.some((write) => write.type === 'put' && write.expect === 'absent');

/** Reads a flat array front to back. */
export class FlatCursor {
  readonly #values: Flat;
  #at: number;

  constructor(values: Flat, at: number) {
    this.#values = values;
    this.#at = at;
  }

  get at(): number {
    return this.#at;
  }

  skipTo(at: number): void {
    this.#at = at;
  }

  number(): number {
    const value = this.#values[this.#at++];
    if (typeof value !== 'number')
      throw new TypeError(`Expected a number at ${this.#at - 1}, but found ${typeof value}.`);
    return value;
  }

  text(): string {
    const value = this.#values[this.#at++];
    if (typeof value !== 'string') throw new TypeError(`Expected text at ${this.#at - 1}, but found ${typeof value}.`);
    return value;
  }
}

/** Answers to a batch: a code per commit, and what the code says follows. */
export const ALL_COMMITTED = 0;
/** One code per entry follows; `ENTRY_NAME_TAKEN` brings the execution's id. */
export const MIXED = 1;
/** Collection and key follow. */
export const RECORD_CONFLICT = 2;
/** An error's name and message follow. */
export const FAILED = 3;

/** A batch holds texts and numbers only; versions count from 1, and an alias has a name. */
export const NO_VERSION = 0;
export const NO_ALIAS = '';

export const ENTRY_COMMITTED = 0;
export const ENTRY_CONFLICT = 1;
export const ENTRY_NAME_TAKEN = 2;

/** The results of a batch, in the order of its commits; an Error rejects the commit. */
export function decodeAnswers(answers: Flat, commits: readonly Commit[]): (CommitResult | Error)[] {
  const cursor = new FlatCursor(answers, 0);
  return commits.map((commit) => decodeAnswer(cursor, commit.entries.length));
}

const COMMITTED: CommitOutcome = Object.freeze({ type: 'committed' });
const CONFLICT: CommitOutcome = Object.freeze({ type: 'conflict' });
const ONE_COMMITTED: CommitResult = Object.freeze({ outcomes: Object.freeze([COMMITTED]) });

function encodeEntry(entry: CommitEntry, batch: Flat): void {
  const { data, start, status, snapshot, outboxAdd, outboxRemove, timersAdd, timersRemove } = entry;
  const hasLists = outboxAdd.length + outboxRemove.length + timersAdd.length + timersRemove.length > 0;
  const flags =
    (data === null ? 0 : HAS_DATA) |
    (start === null ? 0 : HAS_START) |
    (status === null ? 0 : HAS_STATUS) |
    (status === null || status.stopAt === null ? 0 : HAS_STOP) |
    (snapshot === null ? 0 : HAS_SNAPSHOT) |
    (hasLists ? HAS_LISTS : 0) |
    (status?.redrive ? HAS_REDRIVE : 0);
  batch.push(flags, entry.execution);
  if (start !== null) {
    batch.push(start.machine, start.name, start.startAt, start.revision);
    batch.push(start.version ?? NO_VERSION, start.alias ?? NO_ALIAS);
  }
  if (status !== null) {
    batch.push(status.status);
    if (status.stopAt !== null) batch.push(status.stopAt);
    if (status.redrive) batch.push(status.redrive.count, status.redrive.at);
  }
  if (data !== null) batch.push(entry.firstSeq, data);
  if (snapshot !== null) batch.push(snapshot.seq, snapshot.data);
  if (!hasLists) return;
  for (const seqs of [outboxAdd, outboxRemove]) {
    batch.push(seqs.length);
    for (const seq of seqs) batch.push(seq);
  }
  for (const timers of [timersAdd, timersRemove]) {
    batch.push(timers.length);
    for (const timer of timers) batch.push(timer.dueAt, timer.seq);
  }
}

function encodeWrite(write: RecordWrite, batch: Flat): void {
  switch (write.type) {
    case 'put':
      batch.push(write.expect === 'absent' ? WRITE_PUT_ABSENT : WRITE_PUT, write.collection, write.key, write.value);
      return;
    case 'delete':
      batch.push(WRITE_DELETE, write.collection, write.key);
      return;
    default:
      write satisfies never;
  }
}

function decodeAnswer(cursor: FlatCursor, entries: number): CommitResult | Error {
  switch (cursor.number()) {
    case ALL_COMMITTED:
      return entries === 1 ? ONE_COMMITTED : { outcomes: Array.from({ length: entries }, () => COMMITTED) };
    case MIXED:
      return { outcomes: Array.from({ length: entries }, () => decodeOutcome(cursor)) };
    case RECORD_CONFLICT:
      return new RecordConflict(cursor.text(), cursor.text());
    default:
      return receivedError({ name: cursor.text(), message: cursor.text() });
  }
}

function decodeOutcome(cursor: FlatCursor): CommitOutcome {
  switch (cursor.number()) {
    case ENTRY_COMMITTED:
      return COMMITTED;
    case ENTRY_CONFLICT:
      return CONFLICT;
    default:
      return { type: 'nameTaken', execution: cursor.number() };
  }
}
