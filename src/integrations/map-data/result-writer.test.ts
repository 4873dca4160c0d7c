import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../payload/index.js';
import { MemoryObjects } from '../../testing/memory-objects.js';
import type { ChildResult } from './result-entry.js';
import { type ResultWriterRequest, writeResults } from './result-writer.js';
import { stateOutput } from './state-output.js';

const RUN = 'arn:aws:states:us-east-1:000000000000:mapRun:m/L:6dbfba93-bcff-410b-9b5c-abf41ae9eddb';
const FOLDER = 'out/6dbfba93-bcff-410b-9b5c-abf41ae9eddb';

const child = (changes: Partial<ChildResult>): ChildResult => ({
  executionArn: 'arn:x',
  stateMachineArn: 'arn:m',
  name: '1',
  status: 'SUCCEEDED',
  input: '{"n": 1}',
  ...changes,
});
const succeeded = (output: string): ChildResult =>
  child({
    output,
    startedAt: 1_738_698_552_426,
    stoppedAt: 1_738_698_552_975,
    redriveCount: 0,
    redriveStatus: 'NOT_REDRIVABLE',
    redriveStatusReason: 'Execution is SUCCEEDED and cannot be redriven',
  });
const FAILED = child({ name: '2', status: 'FAILED', error: 'Boom', cause: 'why', redriveStatus: 'REDRIVABLE' });

const SUCCEEDED_ENTRY =
  '{"ExecutionArn":"arn:x","Input":"{\\"n\\": 1}","InputDetails":{"Included":true},"Name":"1","Output":"[1, {\\"a\\":\\n2}]","OutputDetails":{"Included":true},"RedriveCount":0,"RedriveStatus":"NOT_REDRIVABLE","RedriveStatusReason":"Execution is SUCCEEDED and cannot be redriven","StartDate":"2025-02-04T19:49:12.426Z","StateMachineArn":"arn:m","Status":"SUCCEEDED","StopDate":"2025-02-04T19:49:12.975Z"}';
const FAILED_ENTRY =
  '{"Cause":"why","Error":"Boom","ExecutionArn":"arn:x","Input":"{\\"n\\": 1}","InputDetails":{"Included":true},"Name":"2","OutputDetails":{"Included":true},"RedriveStatus":"REDRIVABLE","StateMachineArn":"arn:m","Status":"FAILED"}';

async function* each(results: readonly ChildResult[]): AsyncGenerator<ChildResult> {
  yield* results;
}

const write = (
  objects: MemoryObjects,
  results: AsyncIterable<ChildResult>,
  changes: Partial<ResultWriterRequest> = {},
) => writeResults({ parameters: { Bucket: 'b', Prefix: 'out' }, mapRunArn: RUN, ...changes }, results, objects);

describe('an export', () => {
  it('writes a file for each kind of results and the manifest', async () => {
    const objects = new MemoryObjects('b');
    const results = [succeeded('[1, {"a":\n2}]'), FAILED, child({ name: '3', status: 'ABORTED' }), succeeded('7')];
    const { output, childCount } = await write(objects, each(results));
    expect(output).toBe(`{"MapRunArn":"${RUN}","ResultWriterDetails":{"Bucket":"b","Key":"${FOLDER}/manifest.json"}}`);
    expect(childCount).toBe(4);
    expect(objects.keys()).toEqual([
      `${FOLDER}/FAILED_0.json`,
      `${FOLDER}/SUCCEEDED_0.json`,
      `${FOLDER}/manifest.json`,
    ]);
    const text = objects.text(`${FOLDER}/SUCCEEDED_0.json`) ?? '';
    expect(text.slice(0, SUCCEEDED_ENTRY.length + 2)).toBe(`[${SUCCEEDED_ENTRY},`);
    const failed = JSON.parse(objects.text(`${FOLDER}/FAILED_0.json`) ?? '');
    expect(failed.map((entry: { Status: string }) => entry.Status)).toEqual(['FAILED', 'ABORTED']);
    expect(JSON.stringify(failed[0])).toBe(FAILED_ENTRY);
    expect(objects.text(`${FOLDER}/manifest.json`)).toBe(
      `{"DestinationBucket":"b","MapRunArn":"${RUN}","ResultFiles":{"FAILED":[{"Key":"${FOLDER}/FAILED_0.json","Size":${objects.text(`${FOLDER}/FAILED_0.json`)?.length}}],"PENDING":[],"SUCCEEDED":[{"Key":"${FOLDER}/SUCCEEDED_0.json","Size":${text.length}}]}}`,
    );
  });

  it('needs no prefix', async () => {
    const objects = new MemoryObjects('b');
    await write(objects, each([]), { parameters: { Bucket: 'b' } });
    expect(objects.keys()).toEqual([`${FOLDER.slice(4)}/manifest.json`]);
  });

  it.each<[JsonObject, string]>([
    [{ Transformation: 'COMPACT' }, '[[1, {"a":\n2}],7]'],
    [{ Transformation: 'FLATTEN' }, '[1,{"a":2},7]'],
    [{ Transformation: 'COMPACT', OutputType: 'JSONL' }, '[1,{"a":2}]\n7\n'],
    [{ Transformation: 'FLATTEN', OutputType: 'JSONL' }, '1\n{"a":2}\n7\n'],
  ])('%j', async (writerConfig, expected) => {
    const objects = new MemoryObjects('b');
    await write(objects, each([succeeded('[1, {"a":\n2}]'), FAILED, succeeded('7')]), { writerConfig });
    expect(objects.text(`${FOLDER}/SUCCEEDED_0.json`)).toBe(expected);
    expect(objects.text(`${FOLDER}/FAILED_0.json`)).toContain(FAILED_ENTRY);
  });

  it.each([
    [11, ['["aa","bb"]', '["cc"]', '["dddddddddddd"]', undefined]],
    [10, ['["aa"]', '["bb"]', '["cc"]', '["dddddddddddd"]']],
  ])('goes on in the next file after %s bytes', async (fileBytesMax, expected) => {
    const objects = new MemoryObjects('b');
    const outputs = ['"aa"', '"bb"', '"cc"', '"dddddddddddd"'].map(succeeded);
    await write(objects, each(outputs), { writerConfig: { Transformation: 'COMPACT' }, fileBytesMax });
    expect([0, 1, 2, 3].map((index) => objects.text(`${FOLDER}/SUCCEEDED_${index}.json`))).toEqual(expected);
  });

  it('ends where the files become too many', async () => {
    const results = Array.from({ length: 1001 }, () => succeeded('1'));
    await expect(write(new MemoryObjects('b'), each(results), { fileBytesMax: 1 })).rejects.toMatchObject({
      error: 'States.ResultWriterFailed',
      cause: 'The results need more than 1000 files of 1 bytes.',
    });
  });

  it('waits for the upload: memory holds a piece', async () => {
    const objects = new MemoryObjects('b');
    let read = 0;
    let made = 0;
    objects.putObject = async ({ body }) => {
      if (typeof body === 'string') return;
      for await (const piece of body) {
        expect(made - read).toBeLessThan(400_000);
        read += piece.length;
        await new Promise(setImmediate);
      }
    };
    const output = `"${'x'.repeat(998)}"`;
    const results = async function* () {
      for (let i = 0; i < 3000; i++) {
        made += 1000;
        yield succeeded(output);
      }
    };
    await write(objects, results(), { writerConfig: { Transformation: 'COMPACT' } });
    expect(read).toBe(3000 * 1001 + 1);
  });

  it('tells what the store refused, at the first write or in the middle', async () => {
    const refused = {
      error: 'States.ResultWriterFailed',
      cause: expect.stringMatching(
        /^Access Denied \(Service: S3, Status Code: 403, Request ID: [0-9A-F]{16}, Extended/,
      ),
    };
    const fault = { code: 'AccessDenied', message: 'Access Denied', status: 403 };
    const objects = new MemoryObjects('b');
    objects.faults.set(`${FOLDER}/SUCCEEDED_0.json`, fault);
    await expect(write(objects, each([succeeded('1')]))).rejects.toMatchObject(refused);
    const results = Array.from({ length: 500 }, () => succeeded(`"${'x'.repeat(1000)}"`));
    await expect(write(objects, each(results))).rejects.toMatchObject(refused);
    expect(objects.keys()).toEqual([]);
  });

  it('leaves nothing when the results end with an error', async () => {
    const objects = new MemoryObjects('b');
    const results = async function* () {
      yield succeeded('1');
      throw new Error('the store of executions broke');
    };
    await expect(write(objects, results())).rejects.toThrow('the store of executions broke');
    expect(objects.keys()).toEqual([]);
  });

  it.each<[Partial<ResultWriterRequest>, string]>([
    [{ parameters: {} }, "The field 'Bucket' is required but was missing."],
    [{ parameters: { Bucket: 'b', Prefix: 1 } }, 'Expected Prefix to be a string, but it is 1.'],
    [
      { writerConfig: { Transformation: 'X' } },
      'Expected Transformation to be NONE, COMPACT or FLATTEN, but it is "X".',
    ],
    [{ writerConfig: { OutputType: 'CSV' } }, 'Expected OutputType to be JSON or JSONL, but it is "CSV".'],
  ])('%j is refused', async (changes, cause) => {
    await expect(write(new MemoryObjects('b'), each([]), changes)).rejects.toMatchObject({
      error: 'States.ResultWriterFailed',
      cause,
    });
  });
});

describe("the state's own output", () => {
  const results = [succeeded('[1, 2]'), FAILED];
  const output = (writerConfig?: JsonObject, bytesMax = 1000) =>
    stateOutput({ stateName: 'M', bytesMax, ...(writerConfig && { writerConfig }) }, each(results));

  it('is the outputs of the children by default; one that failed shows its execution', async () => {
    expect(await output()).toBe(`[[1, 2],${FAILED_ENTRY}]`);
    expect(await output({ Transformation: 'FLATTEN' })).toBe(`[1,2,${FAILED_ENTRY}]`);
    expect(JSON.parse(await output({ Transformation: 'NONE' }))[0].Output).toBe('[1, 2]');
    expect(JSON.parse(await output({ OutputType: 'JSONL' }))).toBe(`[1, 2]\n${FAILED_ENTRY}`);
    expect(await stateOutput({ stateName: 'M', bytesMax: 2 }, each([]))).toBe('[]');
  });

  it.each([undefined, { OutputType: 'JSONL' }])('has a size (%j)', async (config) => {
    const bytes = Buffer.byteLength(await output(config));
    expect(Buffer.byteLength(await output(config, bytes))).toBe(bytes);
    await expect(output(config, bytes - 1)).rejects.toMatchObject({
      error: 'States.DataLimitExceeded',
      cause: "The state/task 'M' returned a result with a size exceeding the maximum number of bytes service limit.",
    });
  });
});
