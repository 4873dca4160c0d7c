#!/usr/bin/env node
// What the README's tests take for `aws` on a machine without it: `aws stepfunctions <operation> --member value …`
// with the real AWS SDK, which reads endpoint, region and keys from the same variables.

import { readFileSync } from 'node:fs';

const [service, operation = '', ...rest] = process.argv.slice(2);
if (service !== 'stepfunctions') throw new Error(`Expected the service stepfunctions, but it is '${service}'.`);

const camelCase = (words) => words.replace(/-(.)/g, (_, letter) => letter.toUpperCase());
const members = {};
for (let at = 0; at < rest.length; at += 2) {
  const value = rest[at + 1] ?? '';
  members[camelCase(rest[at].replace(/^--/, ''))] = value.startsWith('file://')
    ? readFileSync(value.slice('file://'.length), 'utf8')
    : value;
}
const states = new Map(Object.entries(await import('@aws-sdk/client-sfn')));
const Client = states.get('SFNClient');
const Command = states.get(`${camelCase(`-${operation}`)}Command`);
const { $metadata: _, ...answer } = await new Client({}).send(new Command(members));
console.log(JSON.stringify(answer, null, 4));
