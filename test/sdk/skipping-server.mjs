// A server whose time can be put forward:  node skipping-server.mjs <data folder>
// A line `skip <milliseconds>` on stdin lets so much time pass at once; the answer is the line `skipped`.

import { createInterface } from 'node:readline';
import { startServer } from '../../dist/server/index.js';
import { SkippingClock } from '../../dist/testing/skipping-clock.js';

const clock = new SkippingClock();
const server = await startServer({
  port: 0,
  host: '127.0.0.1',
  dataFolder: process.argv[2],
  region: 'eu-west-1',
  account: '000000000000',
  clock,
});
createInterface({ input: process.stdin }).on('line', (line) => {
  clock.skip(Number(line.split(' ')[1]));
  console.log('skipped');
});
console.log(JSON.stringify({ type: 'ready', endpoint: server.endpoint, recovered: server.recovered }));
process.once('SIGTERM', () => void server.close().then(() => process.exit(0)));
