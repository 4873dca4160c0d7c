import { setTimeout as sleep } from 'node:timers/promises';
import { type AttributeValue, DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import {
  DescribeExecutionCommand,
  type DescribeExecutionCommandOutput,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import type { TreadleServer } from './treadle-server.js';

export type Row = Readonly<Record<string, AttributeValue>>;

/** Longest wait for an execution, a mail or a line of a log. */
const PATIENCE_MS = 90_000;

/** An application as its owner sees it, through unmodified AWS clients. */
export class Application {
  protected readonly server: TreadleServer;
  readonly sfn: SFNClient;
  readonly dynamodb: DynamoDBClient;

  constructor(server: TreadleServer) {
    this.server = server;
    this.sfn = new SFNClient(this.clientOptions());
    this.dynamodb = new DynamoDBClient(this.clientOptions());
  }

  /** For any client of an AWS SDK. */
  clientOptions() {
    const { endpoint, region } = this.server;
    return { endpoint, region, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
  }

  /** ARN of a state machine or a function, by its name. */
  arn(kind: 'stateMachine' | 'function', name: string): string {
    const { region, account } = this.server;
    return `arn:aws:${kind === 'function' ? 'lambda' : 'states'}:${region}:${account}:${kind}:${name}`;
  }

  async start(stateMachine: string, input: string, name?: string): Promise<string> {
    const { executionArn } = await this.sfn.send(
      new StartExecutionCommand({ stateMachineArn: this.arn('stateMachine', stateMachine), input, name }),
    );
    return String(executionArn);
  }

  end(executionArn: string): Promise<DescribeExecutionCommandOutput> {
    return eventually(`the end of ${executionArn}`, async () => {
      const execution = await this.sfn.send(new DescribeExecutionCommand({ executionArn }));
      return execution.status === 'RUNNING' ? undefined : execution;
    });
  }

  /** Starts an execution and waits for its end. */
  async execute(stateMachine: string, input: string): Promise<DescribeExecutionCommandOutput> {
    return this.end(await this.start(stateMachine, input));
  }

  async history(executionArn: string | undefined): Promise<readonly HistoryEvent[]> {
    const events: HistoryEvent[] = [];
    let nextToken: string | undefined;
    do {
      const page = await this.sfn.send(new GetExecutionHistoryCommand({ executionArn, nextToken }));
      events.push(...(page.events ?? []));
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    return events;
  }

  /** All rows of a table. */
  async rows(TableName: string): Promise<readonly Row[]> {
    const rows: Row[] = [];
    let ExclusiveStartKey: Row | undefined;
    do {
      const page = await this.dynamodb.send(new ScanCommand({ TableName, ConsistentRead: true, ExclusiveStartKey }));
      rows.push(...(page.Items ?? []));
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey !== undefined);
    return rows;
  }

  /** Text of everything in the outbox, as the console reads it. */
  mail(): Promise<string> {
    return this.#page('/_treadle/api/mail');
  }

  /** Text of a function's log, as the console reads it. */
  log(functionName: string): Promise<string> {
    return this.#page(`/_treadle/api/logs?function=${encodeURIComponent(this.arn('function', functionName))}`);
  }

  destroy(): void {
    this.sfn.destroy();
    this.dynamodb.destroy();
  }

  async #page(path: string): Promise<string> {
    const response = await fetch(`${this.server.endpoint}${path}`);
    const text = await response.text();
    if (!response.ok) throw new Error(`Expected ${path}, but got ${response.status}: ${text}`);
    return text;
  }
}

/** Looks again and again until there is something. */
export async function eventually<Value>(what: string, look: () => Promise<Value | undefined>): Promise<Value> {
  const giveUpAt = Date.now() + PATIENCE_MS;
  while (Date.now() < giveUpAt) {
    const found = await look();
    if (found !== undefined) return found;
    await sleep(20);
  }
  throw new Error(`Expected ${what} within ${PATIENCE_MS} ms, but it did not come.`);
}
