import pc from 'picocolors';
import type { CliContext } from '../../src/cli/context.js';
import { runCli } from '../../src/cli/program.js';

export const MACHINE = 'arn:aws:states:us-east-1:000000000000:stateMachine:orders';
export const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:charge-payment';
export const EXECUTION = 'arn:aws:states:us-east-1:000000000000:execution:orders:first-order';

interface Reply {
  readonly status?: number;
  readonly body: unknown;
}

/** What the fake server answers, by `METHOD path` or `action`. A function sees the request. */
export type Routes = Readonly<Record<string, Reply | ((request: { body: string; query: URLSearchParams }) => Reply)>>;

export const BASIC: Routes = {
  '/api/machines': { body: { machines: [{ arn: MACHINE, name: 'orders', type: 'STANDARD', createdAt: 0 }] } },
  '/api/functions': { body: { functions: [{ arn: FUNCTION, name: 'charge-payment' }] } },
  '/api/executions': {
    body: {
      executions: [
        {
          arn: EXECUTION,
          name: 'first-order',
          machineArn: MACHINE,
          machineName: 'orders',
          status: 'FAILED',
          startAt: 1000,
          stopAt: 2500,
        },
      ],
      next: null,
    },
  },
  StartExecution: { body: { executionArn: EXECUTION, startDate: 1 } },
  DescribeExecution: {
    body: {
      executionArn: EXECUTION,
      stateMachineArn: MACHINE,
      name: 'first-order',
      status: 'FAILED',
      startDate: 1,
      stopDate: 2.5,
      input: '{}',
      error: 'PaymentError',
    },
  },
  '/api/executions/why': {
    body: {
      arn: EXECUTION,
      status: 'FAILED',
      sentence: "State 'Charge' failed.",
      state: 'Charge',
      error: null,
      cause: null,
    },
  },
};

export interface Outcome {
  readonly code: number;
  readonly lines: readonly string[];
  readonly problems: readonly string[];
  readonly requests: readonly string[];
}

/** Runs one command line against a fake server; null = no server answers. `overrides` say what else of the outside differs. */
export async function scripted(
  args: readonly string[],
  routes: Routes | null = BASIC,
  overrides: Partial<CliContext> = {},
): Promise<Outcome> {
  const lines: string[] = [];
  const problems: string[] = [];
  const requests: string[] = [];
  const context: CliContext = {
    terminal: {
      line: (text) => void lines.push(text),
      problem: (text) => void problems.push(text),
      isInteractive: false,
      columns: 100,
      colors: pc.createColors(false),
    },
    fetch: async (url, init) => {
      if (routes === null) throw new TypeError('fetch failed');
      const { pathname, searchParams } = new URL(url);
      const headers = new Headers(init.headers);
      const action = headers.get('x-amz-target')?.replace('AWSStepFunctions.', '');
      const name = action ?? pathname.replace('/_treadle', '');
      requests.push(`${name} ${action === undefined ? searchParams.toString() : String(init.body)}`.trim());
      const route = routes[name];
      const reply = typeof route === 'function' ? route({ body: String(init.body), query: searchParams }) : route;
      if (reply === undefined) return new Response('no such route', { status: 404 });
      if (typeof reply.body === 'string') return new Response(reply.body);
      return Response.json(reply.body, { status: reply.status ?? 200 });
    },
    environment: {},
    folder: '.',
    startServer: () => Promise.reject(new Error('not in this test')),
    readInput: async () => '{"from": "stdin"}',
    interrupted: new AbortController().signal,
    ...overrides,
  };
  const code = await runCli(args, context, '1.2.3');
  return { code, lines, problems, requests };
}
