import { strToU8, zipSync } from 'fflate';
import { eventually } from './server-process.js';

export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface HistoryEvent {
  readonly id: number;
  readonly previousEventId: number;
  readonly type: string;
  readonly timestamp: number;
  readonly [details: string]: unknown;
}

export const ROLE = 'arn:aws:iam::000000000000:role/any';
const EXECUTIONS = 'arn:aws:states:us-east-1:000000000000:execution';

export const machineArn = (name: string): string => `arn:aws:states:us-east-1:000000000000:stateMachine:${name}`;
export const executionArn = (machine: string, name: string): string => `${EXECUTIONS}:${machine}:${name}`;
export const functionArn = (name: string): string => `arn:aws:lambda:us-east-1:000000000000:function:${name}`;

/** One request of the awsJson protocol. `body` may be a text that is not JSON. */
export async function send(endpoint: string, target: string, body: unknown): Promise<Answer> {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': target },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.status, body: JSON.parse(await response.text()) as Answer['body'] };
}

export const states = (endpoint: string, operation: string, input: unknown): Promise<Answer> =>
  send(endpoint, `AWSStepFunctions.${operation}`, input);

/** The answer's body. Throws when the server refuses. */
export async function ask(endpoint: string, operation: string, input: object): Promise<Answer['body']> {
  const { status, body } = await states(endpoint, operation, input);
  if (status !== 200) throw new Error(`${operation}: ${status} ${JSON.stringify(body)}`);
  return body;
}

export async function createMachine(endpoint: string, name: string, definition: object): Promise<string> {
  const body = await ask(endpoint, 'CreateStateMachine', {
    name,
    roleArn: ROLE,
    definition: JSON.stringify(definition),
  });
  return String(body.stateMachineArn);
}

export interface FunctionSettings {
  readonly Runtime?: string;
  readonly Handler?: string;
  readonly Timeout?: number;
  readonly MemorySize?: number;
}

/** A function of one file, `app.mjs` unless its handler says otherwise. Returns its ARN. */
export async function createFunction(
  endpoint: string,
  name: string,
  { source, file = 'app.mjs', ...settings }: FunctionSettings & { readonly source: string; readonly file?: string },
): Promise<string> {
  const ZipFile = Buffer.from(zipSync({ [file]: strToU8(source) })).toString('base64');
  const response = await fetch(`${endpoint}/2015-03-31/functions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      FunctionName: name,
      Runtime: 'nodejs20.x',
      Handler: 'app.handler',
      Role: ROLE,
      Timeout: 20,
      ...settings,
      Code: { ZipFile },
    }),
  });
  const text = await response.text();
  if (response.status !== 201) throw new Error(`CreateFunction: ${response.status} ${text}`);
  return functionArn(name);
}

/** What DescribeExecution says once the execution has ended. */
export function ended(endpoint: string, arn: string, timeoutMs = 20_000): Promise<Answer['body']> {
  return eventually(async () => {
    const body = await ask(endpoint, 'DescribeExecution', { executionArn: arn });
    return body.status === 'RUNNING' ? null : body;
  }, timeoutMs);
}

/** The whole history, over as many pages as it takes. */
export async function historyOf(endpoint: string, arn: string): Promise<readonly HistoryEvent[]> {
  const events: HistoryEvent[] = [];
  for (let nextToken: unknown; ; ) {
    const page = await ask(endpoint, 'GetExecutionHistory', { executionArn: arn, maxResults: 1000, nextToken });
    events.push(...(page.events as HistoryEvent[])); // AWS's shape
    nextToken = page.nextToken;
    if (nextToken === undefined) return events;
  }
}
