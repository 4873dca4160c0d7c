import { RESULT_FILE_BYTES_MAX } from '../../limits.js';
import { type JsonObject, memberOf, writeJson } from '../../payload/index.js';
import { asMapDataError, writerError } from './faults.js';
import type { ObjectWriter } from './ports.js';
import type { ChildResult } from './result-entry.js';
import { ResultFiles, type WrittenFile } from './result-files.js';
import { planWriting, resultTexts } from './writer-plan.js';

/** A ResultWriter that exports, with every path and expression evaluated. */
export interface ResultWriterRequest {
  /** Parameters or Arguments: Bucket, Prefix. */
  readonly parameters: JsonObject;
  readonly writerConfig?: JsonObject;
  readonly mapRunArn: string;
  /** Absent: AWS's 5 GB. */
  readonly fileBytesMax?: number;
}

export interface WrittenResults {
  /** The Map's own output: where its results are. */
  readonly output: string;
  /** Children whose results are in the files. */
  readonly childCount: number;
}

const KINDS = ['FAILED', 'PENDING', 'SUCCEEDED'] as const;
type Kind = (typeof KINDS)[number];

/**
 * Exports results as they come, then the manifest that names the files. Memory holds a piece of each of three files.
 * Throws MapDataError; nothing of a file that was not completed appears then, and no manifest.
 */
export async function writeResults(
  request: ResultWriterRequest,
  results: AsyncIterable<ChildResult>,
  writer: ObjectWriter,
): Promise<WrittenResults> {
  const form = planWriting(request.writerConfig, 'NONE');
  const place = placeOf(request);
  const filesOf = (kind: Kind): ResultFiles =>
    new ResultFiles(writer, {
      bucket: place.bucket,
      keyOf: (index) => `${place.folder}/${kind}_${index}.json`,
      outputType: form.outputType,
      bytesMax: request.fileBytesMax ?? RESULT_FILE_BYTES_MAX,
    });
  const files: Readonly<Record<Kind, ResultFiles>> = {
    FAILED: filesOf('FAILED'),
    PENDING: filesOf('PENDING'),
    SUCCEEDED: filesOf('SUCCEEDED'),
  };
  let childCount = 0;
  try {
    for await (const child of results) {
      for (const text of resultTexts(child, form.transformation)) await files[kindOf(child)].add(text);
      childCount += 1;
    }
    const manifestKey = `${place.folder}/manifest.json`;
    const manifest = manifestText(request.mapRunArn, place.bucket, {
      FAILED: await files.FAILED.end(),
      PENDING: await files.PENDING.end(),
      SUCCEEDED: await files.SUCCEEDED.end(),
    });
    await writer.putObject({ bucket: place.bucket, key: manifestKey, body: manifest, contentType: 'application/json' });
    return { output: outputText(request.mapRunArn, { bucket: place.bucket, key: manifestKey }), childCount };
  } catch (thrown) {
    for (const kind of KINDS) await files[kind].abandon();
    throw asMapDataError(thrown, 'States.ResultWriterFailed');
  }
}

function placeOf({ parameters, mapRunArn }: ResultWriterRequest): { readonly bucket: string; readonly folder: string } {
  const bucket = memberOf(parameters, 'Bucket');
  if (typeof bucket !== 'string' || bucket === '') throw writerError("The field 'Bucket' is required but was missing.");
  const prefix = memberOf(parameters, 'Prefix') ?? '';
  if (typeof prefix !== 'string') throw writerError(`Expected Prefix to be a string, but it is ${writeJson(prefix)}.`);
  const uuid = mapRunArn.slice(mapRunArn.lastIndexOf(':') + 1);
  const folder = prefix.replace(/\/$/, '');
  return { bucket, folder: folder === '' ? uuid : `${folder}/${uuid}` };
}

function kindOf({ status }: ChildResult): Kind {
  switch (status) {
    case 'SUCCEEDED':
    case 'PENDING':
      return status;
    case 'FAILED':
    case 'TIMED_OUT':
    case 'ABORTED':
      return 'FAILED';
    default:
      return status satisfies never;
  }
}

function manifestText(
  mapRunArn: string,
  bucket: string,
  files: Readonly<Record<Kind, readonly WrittenFile[]>>,
): string {
  const lists = KINDS.map((kind) => {
    const entries = files[kind].map(({ key, bytes }) => `{"Key":${writeJson(key)},"Size":${bytes}}`);
    return `"${kind}":[${entries.join(',')}]`;
  });
  return `{"DestinationBucket":${writeJson(bucket)},"MapRunArn":${writeJson(mapRunArn)},"ResultFiles":{${lists.join(',')}}}`;
}

const outputText = (mapRunArn: string, manifest: { readonly bucket: string; readonly key: string }): string =>
  `{"MapRunArn":${writeJson(mapRunArn)},"ResultWriterDetails":{"Bucket":${writeJson(manifest.bucket)},"Key":${writeJson(manifest.key)}}}`;
