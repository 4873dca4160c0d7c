import type { ExecutionRow, ExecutionsPage, FunctionRow, MachineRow } from '../api/treadle/index.js';
import { parseArn } from '../arn.js';
import { suggestion } from '../templates/suggestion.js';
import { CliError, usageError } from './cli-error.js';
import type { ServerClient } from './server-client.js';

/** Pages of executions that are searched for a name; older ones are given by ARN. */
const PAGES_SEARCHED_MAX = 10;
const PAGE_LIMIT = 1000;
/** Shortest beginning of an execution's name, or part of another name, that is taken for the whole. */
const PART_CHARS_MIN = 4;

/** The machine meant by an ARN or a name; of equal names in several regions, the one of the client's region. */
export async function findMachine(client: ServerClient, text: string): Promise<MachineRow> {
  const { machines } = await client.get<{ machines: readonly MachineRow[] }>('/api/machines');
  const found = pick(machines, text, client.region);
  if (found !== null) return found;
  if (machines.length === 0)
    throw new CliError(
      `Expected a state machine '${text}', but there is none at all. Deploy some with: treadle deploy`,
    );
  const hint = suggestion(
    text,
    machines.map(({ name }) => name),
  );
  throw new CliError(
    `Expected a state machine '${text}', but there is none.${hint} List them with: treadle ls --machines`,
  );
}

export async function findFunction(client: ServerClient, text: string): Promise<FunctionRow> {
  const { functions } = await client.get<{ functions: readonly FunctionRow[] }>('/api/functions');
  const found = pick(functions, text, client.region);
  if (found !== null) return found;
  const names = functions.map(({ name }) => name);
  const list = names.length === 0 ? ' There are no functions yet.' : ` Functions: ${names.join(', ')}`;
  throw new CliError(`Expected a function '${text}', but there is none.${suggestion(text, names)}${list}`);
}

/** The execution meant by an ARN, `last`, `machine/name`, a name or the unique beginning of one. */
export async function findExecution(client: ServerClient, text: string): Promise<string> {
  if (text.startsWith('arn:')) return text;
  const [machine, name] = text.includes('/') ? splitOnce(text, '/') : [null, text];
  const machineArn = machine === null ? null : (await findMachine(client, machine)).arn;
  if (name === 'last') return newest(client, machineArn);
  const beginnings: ExecutionRow[] = [];
  const names: string[] = [];
  for await (const row of recentExecutions(client, machineArn)) {
    if (row.name === name) return row.arn;
    if (name.length >= PART_CHARS_MIN && row.name.startsWith(name)) beginnings.push(row);
    names.push(row.name);
  }
  const [only, another] = beginnings;
  if (only !== undefined && another === undefined) return only.arn;
  if (only !== undefined)
    throw usageError(`Expected one execution, but ${beginnings.length} names begin with '${name}'. Type more of it.`);
  throw new CliError(
    `Expected an execution '${text}', but there is none.${suggestion(name, names)} List them with: treadle ls`,
  );
}

async function newest(client: ServerClient, machine: string | null): Promise<string> {
  const page = await client.get<ExecutionsPage>('/api/executions', { machine, limit: 1 });
  const [row] = page.executions;
  if (row === undefined)
    throw new CliError('Expected an execution, but none was started yet. Start one with: treadle run <machine>');
  return row.arn;
}

async function* recentExecutions(client: ServerClient, machine: string | null): AsyncGenerator<ExecutionRow> {
  let after: string | null = null;
  for (let pages = 0; pages < PAGES_SEARCHED_MAX; pages++) {
    const page: ExecutionsPage = await client.get('/api/executions', { machine, limit: PAGE_LIMIT, after });
    yield* page.executions;
    if (page.next === null) return;
    after = page.next;
  }
}

interface Named {
  readonly arn: string;
  readonly name: string;
}

/** By ARN or name; else the only one whose name contains the text, so that `charge` finds `shop-charge-customer`. */
function pick<Row extends Named>(rows: readonly Row[], text: string, region: string): Row | null {
  const exact = rows.filter((row) => row.arn === text || row.name === text);
  if (exact.length > 0) return exact.find((row) => parseArn(row.arn)?.region === region) ?? exact[0] ?? null;
  if (text.length < PART_CHARS_MIN) return null;
  const [only, another] = rows.filter((row) => row.name.includes(text) && parseArn(row.arn)?.region === region);
  return only !== undefined && another === undefined ? only : null;
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return [text.slice(0, at), text.slice(at + separator.length)];
}
