import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { THROTTLED_ACTIONS } from '../../limits/throttling.js';
import { serviceModel } from '../../services/models/index.js';
import { statesService } from './index.js';

// Only what is asked of the request counts; whatever is asked of the server answers with itself.
const port: never = new Proxy(() => port, {
  get: (_, name) => (name === 'then' ? undefined : port),
  apply: () => port,
}) as never;
const { actions } = statesService(port);
const model = serviceModel('sfn');
const call = { region: 'us-east-1', account: '000000000000', requestId: 'r', signal: new AbortController().signal };

/** The members that the action looks at in a request that has none of them. */
async function membersRead(operation: string): Promise<ReadonlySet<string>> {
  const read = new Set<string>();
  const note = (_: object, name: string | symbol): undefined => {
    if (typeof name === 'string') read.add(name);
  };
  const input = new Proxy({}, { getOwnPropertyDescriptor: note, get: note, has: (_, name) => note(_, name) ?? false });
  const action = actions.get(operation);
  await Promise.resolve(action?.({ ...call, place: call, input } as never)).catch(() => undefined);
  return read;
}

const rows = [...actions.keys()].sort().map((operation) => {
  const members = [...(model?.operation(operation)?.input?.members.keys() ?? [])].sort();
  return `| ${operation} | ${members.length === 0 ? '–' : members.map((name) => `\`${name}\``).join(', ')} |`;
});

test.each([...actions.keys()].sort())('%s reads every member of AWS’s model', async (operation) => {
  const expected = [...(model?.operation(operation)?.input?.members.keys() ?? [])];
  const read = await membersRead(operation);
  expect(expected.filter((name) => !read.has(name))).toEqual([]);
});

test('the page lists them', () => {
  const page = readFileSync(fileURLToPath(new URL('../../../docs/compatibility.md', import.meta.url)), 'utf8');
  const squeezed = page.replaceAll(/ {2,}/g, ' ');
  expect(rows.filter((row) => !squeezed.includes(row))).toEqual([]);
});

test('each has a quota of calls', () => {
  expect(THROTTLED_ACTIONS).toEqual(expect.arrayContaining([...actions.keys()]));
  expect(THROTTLED_ACTIONS).toHaveLength(actions.size + 1); // StartExecution has two
});
