import type { ChildStatus, MapRunCounts, MapRunLimits, MapRunOutcome } from '../../interpreter/index.js';
import { MAP_RUN_PAGE_CHILDREN } from '../../limits.js';
import type { ExecutionId, RecordStore, RecordWrite } from '../../store/ports.js';
import { putJson } from '../../store/record-writes.js';

/** A map run as it is kept, beside its children's documents. Times are epoch milliseconds. */
export interface MapRunDocument {
  readonly mapRunArn: string;
  readonly parent: ExecutionId;
  readonly parentArn: string;
  /** Seq of the parent's MapRunStarted. */
  readonly mapRun: number;
  /** Seq of the parent's record that awaits the run: of MapRunStarted, or of the last MapRunRedriven. */
  readonly awaitedAs: number;
  readonly redriveCount: number;
  readonly redrivenAt: number | null;
  /** The revision that the parent runs, of which the children's is made. */
  readonly revision: string;
  readonly startedAt: number;
  /** The plan as the parent's record has it. */
  readonly plan: string;
  readonly limits: MapRunLimits;
  readonly phase: 'reading' | 'running' | 'ended';
  readonly childCount: number;
  readonly itemCount: number;
  readonly end: MapRunEnd | null;
}

export interface MapRunEnd {
  readonly outcome: MapRunOutcome;
  readonly stoppedAt: number;
  /** The state's output as JSON text, where the run has succeeded. */
  readonly result: string | null;
  readonly executions: MapRunCounts;
  readonly items: MapRunCounts;
}

/** A child as its run knows it, written with the child's start and with its end. */
export interface ChildDocument {
  readonly index: number;
  readonly name: string;
  /** Null for an Express child, which lies nowhere else. */
  readonly execution: ExecutionId | null;
  readonly status: ChildStatus | 'RUNNING';
  readonly itemCount: number;
  readonly startedAt: number;
  readonly stoppedAt: number | null;
  readonly redriveCount: number;
  readonly redrivenAt: number | null;
  /** The run's redrive that has started it, or redriven it for the last time; 0 = the run's first attempt. */
  readonly runRedrive: number;
  /** Where it has ended without success: whether a redrive of the run may let it go on. */
  readonly isRedrivable: boolean;
  /** JSON text. */
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
}

const MAP_RUNS = 'map-run';
const RUNS_OF_EXECUTION = 'execution-map-run';
/** By the parent and the seq of its MapRunRedriven. */
const RUNS_REDRIVEN = 'execution-map-run-redriven';
const CHILDREN = 'map-run-child';
export const CHILD_INPUTS = 'map-run-input';
const ENDED_RUNS = 'map-run-ended';

const digits = (value: number, count: number): string => String(value).padStart(count, '0');
/** Turned round, so that the newest comes first. */
const downwards = (value: number): string => digits(INDEX_MAX - value, 12);
const INDEX_MAX = 999_999_999_999;

/** The UUID at the end of a map run's ARN. */
export const runIdOf = (mapRunArn: string): string => mapRunArn.slice(mapRunArn.lastIndexOf(':') + 1);

/**
 * A child's name: its run's UUID with the child's index as the last part. A second start of the same child is the same
 * execution then, and names made one after the other lie side by side in the store's index.
 */
export const childName = (mapRunArn: string, index: number): string =>
  `${runIdOf(mapRunArn).slice(0, 24)}${index.toString(16).padStart(12, '0')}`;

const childKey = (runId: string, index: number): string => `${runId}/${downwards(index)}`;

export function newRunWrites(run: MapRunDocument): readonly RecordWrite[] {
  const key = parentKey(run.parent, run.mapRun);
  return [putJson(MAP_RUNS, run.mapRunArn, run), putJson(RUNS_OF_EXECUTION, key, run.mapRunArn)];
}

export const runWrite = (run: MapRunDocument): RecordWrite => putJson(MAP_RUNS, run.mapRunArn, run);

const endedKey = (mapRunArn: string, stoppedAt: number): string => `${digits(stoppedAt, 15)}/${runIdOf(mapRunArn)}`;

/** By the time of their end, for retention. */
export const endedRunWrite = ({ mapRunArn }: MapRunDocument, stoppedAt: number): RecordWrite =>
  putJson(ENDED_RUNS, endedKey(mapRunArn, stoppedAt), mapRunArn);

/** The run's document as a redrive leaves it, instead of the one that has ended. */
export function redrivenRunWrites(ended: MapRunDocument, run: MapRunDocument): readonly RecordWrite[] {
  const hasEnded = run.end !== null || ended.end === null;
  return [
    runWrite(run),
    putJson(RUNS_REDRIVEN, parentKey(run.parent, run.awaitedAs), run.mapRunArn),
    ...(hasEnded
      ? []
      : [{ type: 'delete' as const, collection: ENDED_RUNS, key: endedKey(run.mapRunArn, ended.end.stoppedAt) }]),
  ];
}

const parentKey = (parent: ExecutionId, seq: number): string => `${digits(parent, 16)}/${downwards(seq)}`;

/** `absent`: the whole commit is refused where the child has been started before. */
export const childWrite = (mapRunArn: string, child: ChildDocument, expect: 'absent' | 'any'): RecordWrite =>
  putJson(CHILDREN, childKey(runIdOf(mapRunArn), child.index), child, expect);

export const childDelete = (mapRunArn: string, index: number): RecordWrite => ({
  type: 'delete',
  collection: CHILDREN,
  key: childKey(runIdOf(mapRunArn), index),
});

export async function readRun(records: RecordStore, mapRunArn: string): Promise<MapRunDocument | null> {
  const text = await records.get(MAP_RUNS, mapRunArn);
  if (text === null) return null;
  const run = JSON.parse(text) as MapRunDocument; // written by us; before runs could be redriven, without these members
  return {
    ...run,
    awaitedAs: run.awaitedAs ?? run.mapRun,
    redriveCount: run.redriveCount ?? 0,
    redrivenAt: run.redrivenAt ?? null,
  };
}

/** Runs of one execution, the newest first; after the given seq. */
export async function runsOfExecution(
  records: RecordStore,
  parent: ExecutionId,
  { after, limit }: { readonly after: number | null; readonly limit: number },
): Promise<readonly MapRunDocument[]> {
  const prefix = `${digits(parent, 16)}/`;
  const start = after === null ? null : prefix + downwards(after);
  const rows = await records.scan({ collection: RUNS_OF_EXECUTION, prefix, after: start, limit });
  const runs = await Promise.all(rows.map((row) => readRun(records, JSON.parse(row.value) as string)));
  return runs.filter((run) => run !== null);
}

/** The run that an execution has started, or redriven, at this seq. */
export async function runStartedAt(records: RecordStore, parent: ExecutionId, seq: number): Promise<string | null> {
  const key = parentKey(parent, seq);
  const text = (await records.get(RUNS_OF_EXECUTION, key)) ?? (await records.get(RUNS_REDRIVEN, key));
  return text === null ? null : (JSON.parse(text) as string);
}

export async function readChild(records: RecordStore, runId: string, index: number): Promise<ChildDocument | null> {
  const text = await records.get(CHILDREN, childKey(runId, index));
  return text === null ? null : parseChild(text);
}

/** Written by us; before runs could be redriven, without these members. */
const parseChild = (text: string): ChildDocument => ({
  ...{ redriveCount: 0, redrivenAt: null, runRedrive: 0, isRedrivable: true },
  ...(JSON.parse(text) as ChildDocument),
});

/** A page of children, the newest first: those below `before`. */
export async function childrenBelow(
  records: RecordStore,
  runId: string,
  { before, limit }: { readonly before: number | null; readonly limit: number },
): Promise<readonly ChildDocument[]> {
  const after = before === null ? null : childKey(runId, before);
  const rows = await records.scan({ collection: CHILDREN, prefix: `${runId}/`, after, limit });
  return rows.map((row) => parseChild(row.value));
}

/** Every child that has a document, page by page. */
export async function* allChildren(records: RecordStore, runId: string): AsyncGenerator<ChildDocument> {
  for (let before: number | null = null; ; ) {
    const page: readonly ChildDocument[] = await childrenBelow(records, runId, {
      before,
      limit: MAP_RUN_PAGE_CHILDREN,
    });
    yield* page;
    if (page.length < MAP_RUN_PAGE_CHILDREN) return;
    before = page.at(-1)?.index ?? 0;
  }
}

/** Deletes what a prefix holds, a page at a time, so that others are not held up. */
export async function deleteAll(records: RecordStore, collection: string, prefix: string): Promise<void> {
  for (;;) {
    const page = await records.scan({ collection, prefix, after: null, limit: MAP_RUN_PAGE_CHILDREN });
    if (page.length > 0) await records.write(page.map(({ key }) => ({ type: 'delete', collection, key })));
    if (page.length < MAP_RUN_PAGE_CHILDREN) return;
  }
}

/** Deletes runs that ended before a time, with their children's documents; at most `limit`. Returns how many. */
export async function deleteEndedRuns(
  records: RecordStore,
  { before, limit }: { readonly before: number; readonly limit: number },
): Promise<number> {
  const rows = await records.scan({ collection: ENDED_RUNS, prefix: '', after: null, limit });
  const old = rows.filter(({ key }) => Number(key.slice(0, 15)) < before);
  for (const { key, value } of old) {
    const mapRunArn = JSON.parse(value) as string;
    const run = await readRun(records, mapRunArn);
    await deleteAll(records, CHILDREN, `${runIdOf(mapRunArn)}/`);
    await deleteAll(records, CHILD_INPUTS, `${runIdOf(mapRunArn)}/`);
    await records.write([
      { type: 'delete', collection: MAP_RUNS, key: mapRunArn },
      ...(run === null
        ? []
        : [
            { type: 'delete' as const, collection: RUNS_OF_EXECUTION, key: parentKey(run.parent, run.mapRun) },
            { type: 'delete' as const, collection: RUNS_REDRIVEN, key: parentKey(run.parent, run.awaitedAs) },
          ]),
      { type: 'delete', collection: ENDED_RUNS, key },
    ]);
  }
  return old.length;
}
