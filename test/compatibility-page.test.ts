import { readFileSync } from 'node:fs';
import * as client from '@aws-sdk/client-sfn';
import { expect, test } from 'vitest';
import { statesService } from '../src/api/states/index.js';

/** The page's lists of operations are those of the code and of AWS's service model. */

const page = readFileSync(new URL('../docs/compatibility.md', import.meta.url), 'utf8');
const [section = ''] = page.split(/^## /m).filter((text) => text.startsWith('Step Functions API'));
const [works = ''] = section.split(/\| asked of an operation/);

const operationsIn = (text: string): readonly string[] => {
  const operations = Object.keys(client)
    .filter((name) => name.endsWith('Command'))
    .map((name) => name.slice(0, -'Command'.length));
  return operations.filter((operation) => new RegExp(`\\b${operation}\\b`).test(text)).sort();
};

test('what works is what the service has', () => {
  // No action is called: the service is only asked for its names.
  const { actions } = statesService({} as Parameters<typeof statesService>[0]);
  const rows = [...works.matchAll(/^\| ([A-Z]\w+) +\|/gm)].map(([, operation = '']) => operation);
  expect(rows).toEqual([...actions.keys()].sort());
  expect(section).toContain(`All ${actions.size} operations.`);
});

test('that is every operation of AWS', () => {
  expect(operationsIn(works)).toHaveLength(37);
});
