import { setTimeout as sleep } from 'node:timers/promises';
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DynamoDBClient,
  ScanCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
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

/** Longest wait for an execution or a mail: the slowest sample waits 2 seconds between its attempts. */
const patienceMs = 30_000;

/** The shop as its owner sees it: orders go in; book, shelf and mail can be looked at. Through unmodified AWS clients. */
export class Shop {
  readonly #server: TreadleServer;
  readonly #sfn: SFNClient;
  readonly #dynamodb: DynamoDBClient;

  constructor(server: TreadleServer) {
    const options = {
      endpoint: server.endpoint,
      region: server.region,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    };
    this.#server = server;
    this.#sfn = new SFNClient(options);
    this.#dynamodb = new DynamoDBClient(options);
  }

  /** Starts an execution and waits for its end. */
  async execute(stateMachine: string, input: string): Promise<DescribeExecutionCommandOutput> {
    const stateMachineArn = `arn:aws:states:${this.#server.region}:${this.#server.account}:stateMachine:${stateMachine}`;
    const { executionArn } = await this.#sfn.send(new StartExecutionCommand({ stateMachineArn, input }));
    return eventually(`the end of ${executionArn}`, async () => {
      const execution = await this.#sfn.send(new DescribeExecutionCommand({ executionArn }));
      return execution.status === 'RUNNING' ? undefined : execution;
    });
  }

  async history(executionArn: string | undefined): Promise<readonly HistoryEvent[]> {
    const events: HistoryEvent[] = [];
    let nextToken: string | undefined;
    do {
      const page = await this.#sfn.send(new GetExecutionHistoryCommand({ executionArn, nextToken }));
      events.push(...(page.events ?? []));
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    return events;
  }

  /** All rows of a table. */
  async rows(TableName: string): Promise<readonly Row[]> {
    const { Items } = await this.#dynamodb.send(new ScanCommand({ TableName, ConsistentRead: true }));
    return Items ?? [];
  }

  /** Pieces in stock by item, with a `*` where an order holds some. */
  async stock(): Promise<Readonly<Record<string, string>>> {
    const rows = await this.rows('Stock');
    const entries = rows.map((row) => [
      row.itemDescription?.S ?? '',
      `${row.quantityInStock?.N}${row.reservedBy === undefined ? '' : '*'}`,
    ]);
    return Object.fromEntries(entries.sort());
  }

  /** Performs one update; false when its condition does not hold. */
  async update(input: UpdateItemCommandInput): Promise<boolean> {
    try {
      await this.#dynamodb.send(new UpdateItemCommand(input));
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }

  /** Text of everything in the outbox, as the console reads it. */
  async mail(): Promise<string> {
    const response = await fetch(`${this.#server.endpoint}/_treadle/api/mail`);
    if (!response.ok) throw new Error(`Expected the outbox, but got ${response.status}: ${await response.text()}`);
    return response.text();
  }

  /** Waits for the mail that names the order: a topic delivers after the execution has ended. */
  mailAbout(orderId: string): Promise<string> {
    return eventually(`the mail about ${orderId}`, async () => {
      const mail = await this.mail();
      return mail.includes(orderId) ? mail : undefined;
    });
  }

  /** Waits for the packing line that names the order. */
  packingLine(orderId: string): Promise<string> {
    const { endpoint, region, account } = this.#server;
    const warehouse = `arn:aws:lambda:${region}:${account}:function:order-processing-tell-warehouse`;
    return eventually(`the packing line of ${orderId}`, async () => {
      const response = await fetch(`${endpoint}/_treadle/api/logs?function=${encodeURIComponent(warehouse)}`);
      const log = await response.text();
      return log.match(new RegExp(`Pack order ${orderId} [^"\\\\]*`))?.[0];
    });
  }

  destroy(): void {
    this.#sfn.destroy();
    this.#dynamodb.destroy();
  }
}

async function eventually<Value>(what: string, look: () => Promise<Value | undefined>): Promise<Value> {
  const giveUpAt = Date.now() + patienceMs;
  while (Date.now() < giveUpAt) {
    const found = await look();
    if (found !== undefined) return found;
    await sleep(20);
  }
  throw new Error(`Expected ${what} within ${patienceMs} ms, but it did not come.`);
}
