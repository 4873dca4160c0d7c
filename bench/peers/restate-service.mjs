// The order as a Restate service. Says `{ port }` on its first line of JSON.

import './promise-with-resolvers.mjs';
import * as restate from '@restatedev/restate-sdk';
import { isLarge, perform, prepare } from './order.mjs';

const order = restate.service({
  name: 'order',
  handlers: {
    run: async (ctx, input) => {
      const prepared = prepare(input);
      if (!isLarge(prepared)) throw new restate.TerminalError('a small order');
      const reserved = await ctx.run('reserve', async () => perform());
      return await ctx.run('charge', async () => perform({ ...prepared, reserved }));
    },
  },
});
const port = await restate.serve({ services: [order], port: 0 });
console.log(JSON.stringify({ port }));
