import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudWatchClient, DescribeAlarmsCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type RunningServer, startServer } from './index.js';

let folder: string;
let server: RunningServer;
const start = async (): Promise<void> => {
  server = await startServer({
    port: 0,
    host: '127.0.0.1',
    dataFolder: join(folder, 'data'),
    region: 'us-east-1',
    account: '000000000000',
    alarmsTo: 'ada@example.com',
    report: () => undefined,
  });
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'treadle-standard-alarms-'));
  await start();
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

test('the alarms are there once, also after another start, and their mail reaches the operator', async () => {
  await server.close();
  await start();
  const client = new CloudWatchClient({
    endpoint: server.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const { MetricAlarms = [] } = await client.send(new DescribeAlarmsCommand({}));
  expect(MetricAlarms.map(({ AlarmName }) => AlarmName)).toEqual([
    'treadle-disk-free',
    'treadle-executions-failed',
    'treadle-executions-timed-out',
    'treadle-oldest-open-wait',
  ]);
  await client.send(
    new SetAlarmStateCommand({ AlarmName: 'treadle-disk-free', StateValue: 'ALARM', StateReason: 'a test' }),
  );
  await vi.waitFor(
    async () => {
      const mails = await (await fetch(`${server.endpoint}/_treadle/api/mail`)).text();
      expect(mails).toContain('ada@example.com');
      expect(mails.match(/treadle-disk-free/g)?.length).toBeGreaterThan(0);
    },
    { timeout: 10_000 },
  );
});
