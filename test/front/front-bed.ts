import { mkdir, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { Bed } from '../lambda/bed.js';

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** A server with a deployed template, and what a browser or a payment provider would send to it. */
export class FrontBed extends Bed {
  outputs: Readonly<Record<string, string>> = {};

  /** Throws where the template is refused. */
  async deploy(template: string, files: Readonly<Record<string, string>> = {}): Promise<readonly string[]> {
    const folder = join(this.folder, 'app');
    await mkdir(join(folder, 'code'), { recursive: true });
    await writeFile(join(folder, 'template.yaml'), `Transform: AWS::Serverless-2016-10-31\n${template}`);
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    const report = await this.server.deploy({
      template: join(folder, 'template.yaml'),
      parameters: {},
      region: null,
      allowUnsupported: false,
      fill: false,
    });
    if (report.problems.length > 0) throw new Error(report.problems.join('\n'));
    this.outputs = report.outputs;
    return report.resources.map(({ logicalId, outcome }) => `${outcome} ${logicalId}`);
  }

  /** `address` is a path of the server, or a whole URL whose name needs no look-up: it goes into the Host header. */
  send(address: string, { method = 'GET', headers = {}, body }: Sent = {}): Promise<Reply> {
    const { hostname, port } = new URL(this.server.endpoint);
    const url = new URL(address, this.server.endpoint);
    const path = address.startsWith('http') ? `${url.pathname}${url.search}` : address;
    return new Promise((resolve, reject) => {
      const options = { host: hostname, port, path, method, headers: { host: url.host, ...headers }, agent: false };
      const request = httpRequest(options, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
        });
      });
      request.on('error', reject);
      request.end(body);
    });
  }
}
