// The order as a DBOS application behind HTTP. Argument: the URL of its database. Says `{ port }` on its first line of JSON.

import { createServer } from 'node:http';
import { DBOS } from '@dbos-inc/dbos-sdk';
import { isLarge, perform, prepare } from './order.mjs';

const order = DBOS.registerWorkflow(
  async (input) => {
    const prepared = prepare(input);
    if (!isLarge(prepared)) throw new Error('a small order');
    const reserved = await DBOS.runStep(async () => perform(), { name: 'reserve' });
    return await DBOS.runStep(async () => perform({ ...prepared, reserved }), { name: 'charge' });
  },
  { name: 'order' },
);
DBOS.setConfig({
  name: 'bench',
  applicationVersion: '1',
  systemDatabaseUrl: process.argv[2],
  logLevel: 'error',
  runAdminServer: false,
});
await DBOS.launch();

const server = createServer((request, response) => {
  let text = '';
  request.setEncoding('utf8').on('data', (part) => {
    text += part;
  });
  request.on('end', async () => {
    try {
      const body = JSON.stringify(await order(JSON.parse(text)));
      response.writeHead(200, { 'content-type': 'application/json' }).end(body);
    } catch (fault) {
      response.writeHead(500).end(String(fault));
    }
  });
});
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ port: server.address().port })));
process.once('SIGTERM', () => {
  server.close();
  void DBOS.shutdown().then(() => process.exit(0));
});
