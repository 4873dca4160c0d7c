import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, processesOf, startTreadle } from './server-process.js';
import { type Answer, ask, createFunction, createMachine, ended, functionArn } from './states-client.js';

const ITEMS = 300;
const KILLS = 4;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'treadle-map-run-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Writes down which child has called it; a child calls it last of all, so that a second call of a finished one is seen. */
const FUNCTION = (calls: string): string => `
import { appendFileSync } from 'node:fs';
export const handler = async ({ n, child }) => {
  appendFileSync(${JSON.stringify(calls)}, child + '\\n');
  await new Promise((next) => setTimeout(next, 15));
  return { n, double: 2 * n };
};`;

const definition = (type: string, fields: object = {}): object => ({
  StartAt: 'Each',
  States: {
    Each: {
      Type: 'Map',
      Label: type.toLowerCase(),
      MaxConcurrency: 25,
      ItemReader: {
        Resource: 'arn:aws:states:::s3:getObject',
        Parameters: { Bucket: 'numbers', Key: 'n.csv' },
        ReaderConfig: { InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' },
      },
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: type },
        StartAt: 'Double',
        States: {
          Double: {
            Type: 'Task',
            Resource: functionArn('double'),
            Parameters: { 'n.$': 'States.StringToJson($.n)', 'child.$': '$$.Execution.Id' },
            End: true,
          },
        },
      },
      ...fields,
      End: true,
    },
  },
});

/** Every child of the run, over as many pages as it takes. */
async function childrenOf(
  endpoint: string,
  mapRunArn: string,
  statusFilter?: string,
): Promise<readonly Answer['body'][]> {
  const children: Answer['body'][] = [];
  for (let nextToken: unknown; ; ) {
    const page = await ask(endpoint, 'ListExecutions', { mapRunArn, maxResults: 100, nextToken, statusFilter });
    children.push(...(page.executions as Answer['body'][])); // AWS's shape
    nextToken = page.nextToken;
    if (nextToken === undefined) return children;
  }
}

async function runOf(endpoint: string, executionArn: string): Promise<string> {
  const { mapRuns } = await ask(endpoint, 'ListMapRuns', { executionArn });
  return (mapRuns as { mapRunArn: string }[])[0]?.mapRunArn ?? ''; // AWS's shape
}

test.each(['STANDARD', 'EXPRESS'])(
  `a run of ${ITEMS} %s children is killed ${KILLS} times: no finished child is repeated, results and counts are right`,
  async (type) => {
    const data = mkdtempSync(join(folder, `${type}-`));
    const calls = join(data, 'calls');
    let server = await startTreadle(data);
    const objects = (path: string, body?: string): Promise<Response> =>
      fetch(`${server.endpoint}/numbers${path}`, { method: 'PUT', body: body ?? null });
    expect((await objects('')).status).toBe(200);
    const csv = `n\n${Array.from({ length: ITEMS }, (_, i) => `${i}\n`).join('')}`;
    expect((await objects('/n.csv', csv)).status).toBe(200);
    await createFunction(server.endpoint, 'double', { source: FUNCTION(calls) });
    const machine = await createMachine(server.endpoint, 'each', definition(type));
    const { executionArn } = await ask(server.endpoint, 'StartExecution', { stateMachineArn: machine, input: '{}' });
    const arn = String(executionArn);
    /** Children that a client has seen to be finished, and how many calls there had been by then. */
    const finished = new Map<string, number>();
    const callers = (): readonly string[] => readFileSync(calls, 'utf8').split('\n');
    let ranOver = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      const mapRunArn = await eventually(async () => (await runOf(server.endpoint, arn)) || null);
      const { length } = await eventually(async () => {
        const list = await childrenOf(server.endpoint, mapRunArn, 'SUCCEEDED');
        return list.length > finished.size + 15 ? list : null;
      });
      for (const { executionArn: child } of await childrenOf(server.endpoint, mapRunArn, 'SUCCEEDED')) {
        if (!finished.has(String(child))) finished.set(String(child), callers().length);
      }
      if (kill === 0) await fetch(`${server.endpoint}/numbers/n.csv`, { method: 'DELETE' }); // read once, never again
      await server.kill();
      if (length < ITEMS) ranOver += 1;
      server = await startTreadle(data);
    }
    expect(ranOver).toBeGreaterThan(1); // it was killed in the middle
    const { status, output, error, cause } = await ended(server.endpoint, arn, 60_000);
    expect([status, error, cause]).toEqual(['SUCCEEDED', undefined, undefined]);
    expect(JSON.parse(String(output))).toEqual(Array.from({ length: ITEMS }, (_, n) => ({ n, double: 2 * n })));
    const repeated = [...finished].filter(([child, calledBy]) => callers().lastIndexOf(child) >= calledBy);
    expect([finished.size > 45, repeated]).toEqual([true, []]);
    const mapRunArn = await runOf(server.endpoint, arn);
    const counts = {
      ...{ succeeded: ITEMS, total: ITEMS, resultsWritten: ITEMS },
      ...{ failed: 0, timedOut: 0, aborted: 0, running: 0, pending: 0 },
    };
    expect(await ask(server.endpoint, 'DescribeMapRun', { mapRunArn })).toMatchObject({
      ...{ status: 'SUCCEEDED', itemCounts: counts, executionCounts: counts },
    });
    const children = await childrenOf(server.endpoint, mapRunArn);
    expect(new Set(children.map(({ name }) => name)).size).toBe(ITEMS);
    expect(server.complaints()).toBe('');
    await server.stop();
    expect(processesOf(data)).toEqual([]);
  },
  180_000,
);

/** Fails for every tenth number until the file is there; writes down which child has called it with success. */
const MENDED = (calls: string, mended: string): string => `
import { appendFileSync, existsSync } from 'node:fs';
export const handler = async ({ n, child }) => {
  if (n % 10 === 3 && !existsSync(${JSON.stringify(mended)})) throw new Error('broken');
  appendFileSync(${JSON.stringify(calls)}, child + '\\n');
  await new Promise((next) => setTimeout(next, 15));
  return { n, double: 2 * n };
};`;

test.each(['STANDARD', 'EXPRESS'])(
  'a run of %s children that has failed is redriven and killed meanwhile: what had succeeded is not repeated, nothing is lost',
  async (type) => {
    const data = mkdtempSync(join(folder, `redrive-${type}-`));
    const [calls, mended] = [join(data, 'calls'), join(data, 'mended')];
    let server = await startTreadle(data);
    const objects = (path: string, body?: string): Promise<Response> =>
      fetch(`${server.endpoint}/numbers${path}`, { method: 'PUT', body: body ?? null });
    await objects('');
    await objects('/n.csv', `n\n${Array.from({ length: ITEMS }, (_, i) => `${i}\n`).join('')}`);
    await createFunction(server.endpoint, 'double', { source: MENDED(calls, mended) });
    const machine = await createMachine(server.endpoint, 'each', definition(type, { ToleratedFailureCount: 9 }));
    const { executionArn } = await ask(server.endpoint, 'StartExecution', { stateMachineArn: machine, input: '{}' });
    const arn = String(executionArn);
    expect((await ended(server.endpoint, arn, 60_000)).error).toBe('States.ExceedToleratedFailureThreshold');
    await fetch(`${server.endpoint}/numbers/n.csv`, { method: 'DELETE' }); // what was read is kept
    const mapRunArn = await runOf(server.endpoint, arn);
    const before = await childrenOf(server.endpoint, mapRunArn, 'SUCCEEDED');
    const callsBefore = readFileSync(calls, 'utf8').split('\n').length;
    writeFileSync(mended, '');
    await ask(server.endpoint, 'RedriveExecution', { executionArn: arn });
    for (let kill = 0; kill < KILLS; kill++) {
      await server.kill(); // for the first time directly after the answer
      server = await startTreadle(data);
      const { length } = await childrenOf(server.endpoint, mapRunArn, 'SUCCEEDED');
      await eventually(async () => {
        const list = await childrenOf(server.endpoint, mapRunArn, 'SUCCEEDED');
        return list.length > length + 10 || list.length === ITEMS ? list : null;
      });
    }
    const { status, output, redriveCount } = await ended(server.endpoint, arn, 60_000);
    expect([status, redriveCount]).toEqual(['SUCCEEDED', 1]);
    expect(JSON.parse(String(output))).toEqual(Array.from({ length: ITEMS }, (_, n) => ({ n, double: 2 * n })));
    const later = new Set(
      readFileSync(calls, 'utf8')
        .split('\n')
        .slice(callsBefore - 1),
    );
    expect(before.filter((child) => later.has(String(child.executionArn)))).toEqual([]);
    const counts = {
      ...{ succeeded: ITEMS, total: ITEMS, failed: 0, aborted: 0, running: 0, pending: 0 },
      ...{ pendingRedrive: 0, failuresNotRedrivable: 0 },
    };
    expect(await ask(server.endpoint, 'DescribeMapRun', { mapRunArn })).toMatchObject({
      ...{ status: 'SUCCEEDED', redriveCount: 1, redriveDate: expect.any(Number), executionCounts: counts },
    });
    expect(await runOf(server.endpoint, arn)).toBe(mapRunArn);
    const redriven = await ask(server.endpoint, 'ListExecutions', { mapRunArn, redriveFilter: 'REDRIVEN' });
    expect((redriven.executions as unknown[]).length > 0).toBe(type === 'STANDARD');
    expect(server.complaints()).toBe('');
    await server.stop();
  },
  180_000,
);
