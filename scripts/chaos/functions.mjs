// The functions of the chaos run. Each writes the id of its call down before anything else; `ask` leaves the token where the driver,
// who plays the worker, finds it.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createFunction } from './server.mjs';

const SOURCE = `
import { appendFileSync } from 'node:fs';
const { NOTES: notes, AWS_LAMBDA_FUNCTION_NAME: name } = process.env;
const fail = (error) => { throw Object.assign(new Error('by design'), { name: error }); };
export const handler = async (event, { awsRequestId }) => {
  if (name !== 'express-echo') appendFileSync(notes + '/ledger', awsRequestId + '\\n');
  switch (name) {
    case 'busy': return event.attempt < event.failures ? fail('Busy') : 'done';
    case 'declined': return fail('Declined');
    case 'hang': return new Promise((resolve) => setTimeout(resolve, 50_000));
    case 'ask': return void appendFileSync(notes + '/tokens', JSON.stringify([event.token, event.n]) + '\\n');
    default: return event;
  }
};`;

export async function createFunctions(server, notes) {
  for (const name of ['echo', 'express-echo', 'busy', 'declined', 'hang', 'ask']) {
    await createFunction(server, name, { source: SOURCE, variables: { NOTES: notes } });
  }
}

/** Whole lines only: a function may be killed while it writes. */
function linesOf(path) {
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : [];
}

/** The ids of all calls, as often as they were made. */
export const ledgerOf = (notes) => linesOf(join(notes, 'ledger'));

export const tokensOf = (notes) => new Map(linesOf(join(notes, 'tokens')).map((line) => JSON.parse(line)));
