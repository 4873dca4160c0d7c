import { createRequire } from 'node:module';
import type { TableAnswer } from '../../src/services/dynamodb/tables.js';

/** dynalite, which this table service is compared with: its actions on a LevelDB in memory, called without HTTP between. */
export interface Oracle {
  call(operation: string, input: object): Promise<TableAnswer>;
  close(): Promise<void>;
}

interface Store {
  readonly db: { open(): Promise<void>; close(): Promise<void> };
  readonly tableDb: { awsAccountId: string; awsRegion: string };
}
interface Validations {
  checkTypes(input: unknown, types: unknown): Record<string, unknown>;
  checkValidations(input: unknown, types: unknown, custom: unknown, store: Store): void;
}
type Perform = (store: Store, input: unknown, done: (fault: unknown, output?: Record<string, unknown>) => void) => void;

// Checked border: dynalite comes without types, and its exact version is pinned.
const load = createRequire(import.meta.url) as (name: string) => unknown;

export async function openOracle(folder?: string): Promise<Oracle> {
  const { create } = load('dynalite/db') as { create(options: object): Store };
  const times = { createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 };
  const store = create(folder === undefined ? times : { ...times, path: folder });
  store.tableDb.awsAccountId = '000000000000';
  store.tableDb.awsRegion = 'us-east-1';
  await store.db.open();
  return {
    call: (operation, input) => perform(store, operation, structuredClone(input)),
    close: () => store.db.close(),
  };
}

async function perform(store: Store, operation: string, input: object): Promise<TableAnswer> {
  const file = operation.charAt(0).toLowerCase() + operation.slice(1);
  const validations = load('dynalite/validations') as Validations;
  const { types, custom } = load(`dynalite/validations/${file}`) as { types: unknown; custom: unknown };
  const action = load(`dynalite/actions/${file}`) as Perform;
  try {
    const checked = validations.checkTypes(input, types);
    validations.checkValidations(checked, types, custom, store);
    const body = await new Promise<Record<string, unknown>>((resolve, reject) => {
      action(store, checked, (fault, output) => (fault ? reject(fault) : resolve(output ?? {})));
    });
    if (/^(Create|Delete)Table$/.test(operation)) await new Promise((resolve) => setTimeout(resolve, 5));
    return { status: 200, body: JSON.parse(JSON.stringify(body)) };
  } catch (fault) {
    if (typeof fault !== 'object' || fault === null || !('body' in fault)) throw fault;
    const { Message, ...body } = fault.body as Record<string, unknown>;
    return { status: 400, body: Message === undefined ? body : { ...body, message: Message } };
  }
}
