// A server that kills itself with SIGKILL at a named point of its n-th commit:
//   node crashing-server.mjs <data folder> <'before commit' | 'after commit, before dispatch'> <n>
// With n = 0 it lives on.

import { startServer } from '../../dist/server/index.js';

const [dataFolder, point, nth] = process.argv.slice(2);
let count = 0;

function passing(name) {
  if (name !== point) return;
  count += 1;
  if (count === Number(nth)) process.kill(process.pid, 'SIGKILL');
}

const server = await startServer({
  port: 0,
  host: '127.0.0.1',
  dataFolder,
  region: 'us-east-1',
  account: '000000000000',
  commitHooks: {
    onCommitting: () => passing('before commit'),
    onCommitted: () => passing('after commit, before dispatch'),
  },
});
console.log(JSON.stringify({ type: 'ready', endpoint: server.endpoint, recovered: server.recovered }));
process.once('SIGTERM', () => void server.close());
