import { existsSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { serve } from '@hono/node-server';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { ExecutionRow, ExecutionsQuery, TreadlePorts } from '../../src/api/treadle/index.js';
import { treadleApi } from '../../src/api/treadle/index.js';

const CHROMIUM = '/usr/bin/chromium';
const CONSOLE = fileURLToPath(new URL('../../console/dist', import.meta.url));
const MACHINE = 'arn:aws:states:us-east-1:000000000000:stateMachine:orders';
const STATUSES = ['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'] as const;

const row = (index: number): ExecutionRow => {
  const status = STATUSES[index % STATUSES.length] ?? 'RUNNING';
  return {
    arn: `${MACHINE.replace('stateMachine', 'execution')}:order-${index}`,
    name: `order-${index}`,
    machineArn: MACHINE,
    machineName: 'orders',
    status,
    startAt: Date.now() - 60_000,
    stopAt: status === 'RUNNING' ? null : Date.now() - 58_000,
  };
};

function ports(rows: readonly ExecutionRow[], machines: readonly string[]): TreadlePorts {
  const never = (): Promise<never> => Promise.reject(new Error('The page does not ask for this.'));
  return {
    consoleFolder: CONSOLE,
    prometheus: async () => ({ text: '', contentType: 'text/plain' }),
    health: async () => ({
      status: 'ok',
      problems: [],
      version: '0.0.1',
      endpoint: 'http://127.0.0.1:4566',
      region: 'us-east-1',
      account: '000000000000',
      dataFolder: '/home/shop/.treadle',
      startedAt: 0,
      uptimeMs: 184_000,
      memory: { residentBytes: 120 * 1024 * 1024, heapUsedBytes: 1, heapLimitBytes: 2 },
      cpuPercent: 12.3,
      eventLoopLagMs: { p50: 1, p99: 2.5, max: 3 },
      commitLatencyMs: { p50: 0.7, p99: 2, max: 3 },
      queue: { commitsWaiting: 0, tasksInFlight: 1, tasksWaiting: 2, timers: 3 },
      executions: { running: 4, liveInMemory: 4 },
      raisedQuotas: {},
    }),
    machines: async () => machines.map((arn) => ({ arn, name: 'orders', type: 'STANDARD', createdAt: 0 })),
    executions: async ({ status, machine, after, limit }: ExecutionsQuery) => {
      const found = rows.filter(
        (each) => (status === null || each.status === status) && (machine === null || each.machineArn === machine),
      );
      const from = Number(after ?? 0);
      return {
        executions: found.slice(from, from + limit),
        next: from + limit < found.length ? String(from + limit) : null,
      };
    },
    end: never,
    why: never,
    follow: never,
    functions: never,
    logs: never,
    followLogs: never,
    mails: never,
    openWaits: never,
    answerWait: never,
    sendAgain: never,
    backups: never,
    backUp: never,
    restoreOne: never,
    deploy: never,
  };
}

describe.skipIf(!existsSync(CHROMIUM) || !existsSync(CONSOLE))('the console in a browser', () => {
  let browser: Browser;
  const closing: (() => void)[] = [];
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] });
  });
  afterAll(() => browser.close());
  afterEach(() => {
    for (const close of closing.splice(0)) close();
  });

  /** The page of a server with these executions; fails the test when the page logs an error. */
  async function open(
    rows: readonly ExecutionRow[],
    { path = '', width = 1200, machines = [MACHINE] }: { path?: string; width?: number; machines?: string[] } = {},
  ): Promise<Page> {
    const server = serve({ fetch: treadleApi(ports(rows, machines)), port: 0, hostname: '127.0.0.1' });
    await new Promise<void>((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const page = await browser.newPage({ viewport: { width, height: 800 } });
    page.on('pageerror', (error) => expect.fail(String(error)));
    closing.push(() => {
      void page.close();
      server.close();
    });
    await page.goto(`http://127.0.0.1:${port}/_treadle/${path}`);
    return page;
  }

  const texts = (page: Page, selector: string): Promise<string[]> => page.locator(selector).allInnerTexts();

  test('shows health and executions, and filters by status through the address', async () => {
    const page = await open(Array.from({ length: 30 }, (_, index) => row(index)));
    await page.getByText('Serving').waitFor();
    await page.getByText('order-0', { exact: true }).waitFor();
    expect(await texts(page, 'dd')).toEqual(
      expect.arrayContaining(['3 min 4 s', '120 MiB', '12 %', '2.5 ms', '0.70 ms', '1 task']),
    );
    expect(await page.locator('tbody tr').count()).toBe(25);
    await page.getByRole('button', { name: 'Failed' }).click();
    await expect.poll(() => page.locator('tbody tr').count()).toBe(6);
    expect(new URL(page.url()).search).toBe('?status=FAILED');
    await page.goBack();
    await expect.poll(() => page.locator('tbody tr').count()).toBe(25);
  });

  test('pages to older executions and back', async () => {
    const page = await open(Array.from({ length: 30 }, (_, index) => row(index)));
    await page.getByRole('button', { name: 'Older' }).click();
    await page.getByText('order-29', { exact: true }).waitFor();
    expect(await page.getByRole('button', { name: 'Older' }).isDisabled()).toBe(true);
    await page.getByRole('button', { name: 'Newest' }).click();
    await page.getByText('order-0', { exact: true }).waitFor();
  });

  test.each([
    ['no machine', [], '', 'treadle deploy template.yaml'],
    ['no execution', [MACHINE], '', 'treadle run orders -i @input.json'],
    ['none of this status', [MACHINE], '?status=TIMED_OUT', 'Show all executions'],
  ])('%s: says what comes next', async (_name, machines, path, text) => {
    const page = await open([], { machines, path });
    await page.getByText(text).waitFor();
  });

  test('a phone needs no sideways scrolling', async () => {
    const page = await open(
      Array.from({ length: 5 }, (_, index) => row(index)),
      { width: 360 },
    );
    await page.getByText('order-0', { exact: true }).waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth <= window.innerWidth')).toBe(true);
  });

  test('new executions appear by themselves', async () => {
    const rows = [row(0)];
    const page = await open(rows);
    await page.getByText('order-0', { exact: true }).waitFor();
    rows.unshift(row(1));
    await page.getByText('order-1', { exact: true }).waitFor();
  });
});
