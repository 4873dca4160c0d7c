// The order as a Restate service. Says `{ port }` on its first line of JSON.

import { isLarge, perform, prepare } from './order.mjs';

/** Restate's SDK asks for a Node.js that has it (22); this is all of it that older ones miss. */
Promise.withResolvers ??= function withResolvers() {
  let resolve;
  let reject;
  const promise = new this((done, failed) => {
    resolve = done;
    reject = failed;
  });
  return { promise, resolve, reject };
};
const restate = await import('@restatedev/restate-sdk');

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
