import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BASIC, MACHINE, type Outcome, type Routes, scripted } from '../../test/cli/scripted-server.js';
import type { DeployReport } from '../api/treadle/index.js';
import { AWS_QUOTAS } from '../limits.js';
import type { RunningServer, ServerOptions } from '../server/index.js';
import type { CliContext } from './context.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'treadle-cli-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** One command line in the test's own folder. */
const treadle = (
  args: readonly string[],
  routes: Routes | null = BASIC,
  overrides: Partial<CliContext> = {},
): Promise<Outcome> => scripted(args, routes, { folder, ...overrides });

describe('up and deploy', () => {
  const report = (overrides: Partial<DeployReport> = {}): DeployReport => ({
    template: join(folder, 'template.yaml'),
    region: 'us-east-1',
    resources: [
      {
        logicalId: 'Orders',
        type: 'AWS::Serverless::StateMachine',
        outcome: 'created',
        physicalId: MACHINE,
        reason: null,
        line: 3,
      },
      { logicalId: 'Role', type: 'AWS::IAM::Role', outcome: 'kept', physicalId: null, reason: null, line: 9 },
    ],
    problems: [],
    canBeKept: false,
    warnings: ['A warning.'],
    outputs: { OrdersArn: MACHINE },
    ...overrides,
  });
  const refusing = (): DeployReport =>
    report({
      resources: [
        {
          logicalId: 'Q',
          type: 'AWS::SQS::Queue',
          outcome: 'refused',
          physicalId: null,
          reason: 'not run here',
          line: 4,
        },
      ],
      problems: ['template.yaml:4:3 not run here'],
      warnings: [],
      outputs: {},
    });

  /** Starts a server that is told to stop as soon as it serves. */
  async function up(
    args: readonly string[],
    deployed: DeployReport,
    environment: Readonly<Record<string, string>> = {},
  ): Promise<Outcome & { started: ServerOptions[]; events: string[] }> {
    const started: ServerOptions[] = [];
    const events: string[] = [];
    const interrupt = new AbortController();
    const server: RunningServer = {
      endpoint: 'http://127.0.0.1:4600',
      recovered: { executions: 2, commands: 1, timersOverdue: 3 },
      deploy: async (request) => {
        events.push(
          `deploy ${request.template} ${JSON.stringify(request.parameters)} ${request.allowUnsupported} ${request.fill}`,
        );
        return deployed;
      },
      close: async () => void events.push('close'),
    };
    const outcome = await treadle(['up', ...args], null, {
      environment,
      startServer: async (options) => {
        started.push(options);
        interrupt.abort();
        return server;
      },
      interrupted: interrupt.signal,
    });
    return { ...outcome, started, events };
  }

  test('up says where everything is, deploys and closes in order', async () => {
    writeFileSync(join(folder, 'template.yaml'), '');
    const { code, lines, started, events } = await up(
      ['--port', '4600', '--parameter', 'A=1', '--parameter', 'B=x=y'],
      report(),
    );
    expect(code).toBe(0);
    expect(started).toEqual([
      {
        port: 4600,
        host: '127.0.0.1',
        dataFolder: join(folder, '.treadle'),
        region: 'us-east-1',
        account: '000000000000',
        retentionDays: 90,
        allowedHosts: [],
        quotas: AWS_QUOTAS,
        backups: { folder: null, schedule: { times: [150], keepDays: 7 } },
        report: expect.any(Function),
        throttle: null,
        smtp: null,
        alarmsTo: null,
        remote: [],
      },
    ]);
    expect(events).toEqual([`deploy ${join(folder, 'template.yaml')} {"A":"1","B":"x=y"} false false`, 'close']);
    expect(lines).toEqual([
      'Treadle serves AWS clients at http://127.0.0.1:4600 (region us-east-1)',
      '  console   http://127.0.0.1:4600/_treadle/',
      `  data      ${join(folder, '.treadle')}`,
      '  recovered 2 executions go on, 1 calls are made again, 3 timers had come due',
      'Deployed template.yaml to us-east-1',
      `  created   Orders (AWS::Serverless::StateMachine) ${MACHINE}`,
      '  kept      1 (accepted, without effect here): Role',
      '  warning   A warning.',
      `  output    OrdersArn = ${MACHINE}`,
      'Next: treadle run orders -i @input.json',
      'Stopping …',
    ]);
  });

  test('up raises quotas; the command line wins over the environment', async () => {
    const environment = { TREADLE_QUOTAS: 'payloadBytes=300000,historyEvents=30000' };
    const { started } = await up(
      ['--quota', 'payloadBytes=400000', '--quota', 'expressSeconds=600'],
      report(),
      environment,
    );
    expect(started[0]?.quotas).toEqual({
      ...AWS_QUOTAS,
      payloadBytesMax: 400_000,
      historyEventsMax: 30_000,
      expressSecondsMax: 600,
    });
    const wrong = await up(['--quota', 'payloadBytes=9'], report());
    expect([wrong.code, wrong.started]).toEqual([2, []]);
    const wrongOutside = await up([], report(), { TREADLE_QUOTAS: 'history=30000' });
    expect([wrongOutside.code, wrongOutside.started]).toEqual([2, []]);
  });

  test('up throttles actions where it is told to; the command line wins over the environment', async () => {
    const environment = { TREADLE_THROTTLE: 'aws, StopExecution=5/1' };
    const { started } = await up(['--throttle', 'StopExecution=7/2', '--throttle', '*=50/5'], report(), environment);
    const buckets = { StopExecution: { size: 7, perSecond: 2 }, '*': { size: 50, perSecond: 5 } };
    expect(started[0]?.throttle).toEqual({ isAws: true, buckets });
    for (const wrong of ['StopExecutions=1/1', 'StopExecution', 'StopExecution=0/1', 'StopExecution=1', 'amazon']) {
      expect(await up(['--throttle', wrong], report())).toMatchObject({ code: 2, started: [] });
    }
  });

  test('up sends mails and calls elsewhere where it is told to; the command line wins over the environment', async () => {
    const environment = { TREADLE_SMTP: 'smtp://a', TREADLE_REMOTE: 'kms=aws,s3=http://minio:9000' };
    const { started } = await up(['--smtp', 'smtp://b:25?from=me@b', '--remote', 's3=aws'], report(), environment);
    expect(started[0]?.smtp).toEqual({ url: 'smtp://b:25', from: 'me@b' });
    expect(started[0]?.remote).toEqual([
      { scope: { type: 'service', service: 's3' }, target: { type: 'aws' } },
      { scope: { type: 'service', service: 'kms' }, target: { type: 'aws' } },
      { scope: { type: 'service', service: 's3' }, target: { type: 'url', url: 'http://minio:9000' } },
    ]);
    for (const wrong of [
      ['--smtp', 'x'],
      ['--remote', 's3'],
      ['--remote', 's3=nowhere'],
      ['--remote', 'nonsense=aws'],
    ]) {
      expect((await up(wrong, report())).code).toBe(2);
    }
  });

  test('up as JSON begins with ready', async () => {
    writeFileSync(join(folder, 'template.yaml'), '');
    const { lines } = await up(['--json'], report());
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { type: 'ready', endpoint: 'http://127.0.0.1:4600' },
      { type: 'deployed', region: 'us-east-1' },
    ]);
  });

  test('a refused template does not stop the server', async () => {
    writeFileSync(join(folder, 'template.yaml'), '');
    const { code, lines } = await up([], refusing());
    expect(code).toBe(0);
    expect(lines).toContain('Nothing was deployed of template.yaml');
    expect(lines).toContain('  problem   template.yaml:4:3 not run here');
  });

  test('without a template there is nothing to deploy', async () => {
    const { events, lines } = await up([], report());
    expect(events).toEqual(['close']);
    expect(lines.at(-2)).toBe('Next: treadle deploy <template.yaml>, or eval "$(treadle env --shell)" and use aws');
  });

  test('deploy sends an absolute path and fails when something is refused', async () => {
    writeFileSync(join(folder, 'template.yaml'), '');
    const bodies: string[] = [];
    const { code, lines } = await treadle(['deploy', '--allow-unsupported'], {
      '/api/deploy': ({ body }) => {
        bodies.push(body);
        return { body: refusing() };
      },
    });
    expect(code).toBe(1);
    expect(JSON.parse(bodies[0] ?? '')).toEqual({
      template: join(folder, 'template.yaml'),
      parameters: {},
      region: 'us-east-1',
      allowUnsupported: true,
      fill: false,
      stacks: [],
    });
    expect(lines[0]).toBe(`Nothing was deployed of ${join(folder, 'template.yaml')}`);
  });
});
