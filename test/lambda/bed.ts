import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateFunctionCommand, type CreateFunctionCommandInput, LambdaClient } from '@aws-sdk/client-lambda';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { strToU8, zipSync } from 'fflate';
import { type RunningServer, startServer } from '../../src/server/index.js';

/** A whole server in a temporary folder, and clients of it. */
export class Bed {
  folder = '';
  readonly reports: string[] = [];
  #server: RunningServer | null = null;
  #clients: readonly { destroy(): void }[] = [];
  lambda = new LambdaClient({});
  sqs = new SQSClient({});
  sfn = new SFNClient({});
  sns = new SNSClient({});

  async open(): Promise<void> {
    if (this.folder === '') this.folder = await mkdtemp(join(tmpdir(), 'treadle-lambda-'));
    this.#server = await startServer({
      port: 0,
      host: '127.0.0.1',
      dataFolder: join(this.folder, 'data'),
      region: 'us-east-1',
      account: '000000000000',
      report: (line) => this.reports.push(line),
    });
    const settings = {
      endpoint: this.#server.endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      maxAttempts: 1,
    };
    this.lambda = new LambdaClient(settings);
    this.sqs = new SQSClient({ ...settings, useQueueUrlAsEndpoint: false });
    this.sfn = new SFNClient({ ...settings, disableHostPrefix: true });
    this.sns = new SNSClient(settings);
    this.#clients = [this.lambda, this.sqs, this.sfn, this.sns];
  }

  get server(): RunningServer {
    if (this.#server === null) throw new Error('Expected an open server.');
    return this.#server;
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.open();
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) client.destroy();
    await this.#server?.close();
    this.#server = null;
  }

  async close(): Promise<void> {
    await this.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}

export const zipOf = (source: string, file = 'app.mjs'): Uint8Array => zipSync({ [file]: strToU8(source) });

/** A handler that returns what the expression gives. */
export const returning = (expression: string): Uint8Array =>
  zipOf(`export const handler = async (event, context) => (${expression});`);

export const createFunction = (
  bed: Bed,
  FunctionName: string,
  ZipFile: Uint8Array,
  more: Partial<CreateFunctionCommandInput> = {},
) =>
  bed.lambda.send(
    new CreateFunctionCommand({
      FunctionName,
      Runtime: 'nodejs20.x',
      Role: 'arn:aws:iam::000000000000:role/r',
      Handler: 'app.handler',
      Code: { ZipFile },
      ...more,
    }),
  );
