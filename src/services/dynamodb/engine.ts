import { createRequire } from 'node:module';
import type { Place } from '../../arn.js';

/** What a DynamoDB operation answers, as on the wire. */
export interface TableAnswer {
  readonly status: number;
  /** The output's members, or `__type` and `message`. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** The tables of one region: dynalite's actions on one LevelDB, called without HTTP between. */
export interface Engine {
  /** `input` is changed by the call. */
  call(operation: string, input: Record<string, unknown>): Promise<TableAnswer>;
  close(): Promise<void>;
}

export const OPERATIONS: readonly string[] = [
  'BatchGetItem',
  'BatchWriteItem',
  'CreateTable',
  'DeleteItem',
  'DeleteTable',
  'DescribeTable',
  'DescribeTimeToLive',
  'GetItem',
  'ListTables',
  'ListTagsOfResource',
  'PutItem',
  'Query',
  'Scan',
  'TagResource',
  'UntagResource',
  'UpdateItem',
  'UpdateTable',
];

/** The parts of dynalite that are used; it comes without types, so they are written down here. */
interface DynaliteStore {
  readonly db: { open(): Promise<void>; close(): Promise<void> };
  readonly tableDb: {
    awsAccountId: string;
    awsRegion: string;
    put(key: string, value: unknown, done: (fault: unknown) => void): void;
    del(key: string, done: (fault: unknown) => void): void;
  };
  getTable(name: string, checkStatus: false, done: (fault: unknown, table?: TableRecord) => void): void;
}
interface TableRecord {
  TableStatus?: string;
  GlobalSecondaryIndexes?: { IndexStatus?: string }[];
}
interface DynaliteDb {
  create(options: Readonly<Record<string, unknown>>): DynaliteStore;
}
interface DynaliteValidations {
  checkTypes(input: unknown, types: Readonly<Record<string, unknown>>): Record<string, unknown>;
  checkValidations(input: unknown, types: unknown, custom: unknown, store: DynaliteStore): void;
}
type DynaliteAction = (
  store: DynaliteStore,
  input: Record<string, unknown>,
  done: (fault: unknown, output?: Record<string, unknown>) => void,
) => void;
interface DynaliteOperation {
  readonly types: Readonly<Record<string, unknown>>;
  readonly custom: unknown;
  readonly perform: DynaliteAction;
}

// Checked border: the exact version is pinned, and the tests call every operation.
const load = createRequire(import.meta.url) as (name: string) => unknown;
const database = load('dynalite/db') as DynaliteDb;
const validations = load('dynalite/validations') as DynaliteValidations;
const operations = new Map(OPERATIONS.map((name) => [name, loadOperation(name)]));

function loadOperation(name: string): DynaliteOperation {
  const file = name.charAt(0).toLowerCase() + name.slice(1);
  const { types, custom } = load(`dynalite/validations/${file}`) as Pick<DynaliteOperation, 'types' | 'custom'>;
  return { types, custom, perform: load(`dynalite/actions/${file}`) as DynaliteAction };
}

/** `folder` null: in memory. Rejects when another process has the folder open. */
export async function openEngine(folder: string | null, place: Place): Promise<Engine> {
  const store = database.create({
    ...(folder === null ? {} : { path: folder }),
    createTableMs: 0,
    deleteTableMs: 0,
    updateTableMs: 0,
  });
  store.tableDb.awsAccountId = place.account;
  store.tableDb.awsRegion = place.region;
  await store.db.open();
  await finishInterrupted(store);
  return {
    call: (operation, input) => perform(store, operation, input),
    close: () => store.db.close(),
  };
}

async function perform(store: DynaliteStore, name: string, input: Record<string, unknown>): Promise<TableAnswer> {
  const operation = operations.get(name);
  if (operation === undefined) {
    return failure('UnknownOperationException', `Treadle's tables do not have the operation '${name}'.`);
  }
  const { Tags: tags, ...members } = input;
  const hasTags = name === 'CreateTable' && Array.isArray(tags) && tags.length > 0;
  const asked = name === 'CreateTable' ? members : input;
  const foreign = Object.keys(asked).find((member) => !isDone(operation, member, asked[member]));
  if (foreign !== undefined) {
    return failure('ValidationException', `Treadle's tables do not do '${foreign}' in ${name}. Leave it out.`);
  }
  const answer = await check(store, name, operation, asked);
  if (!hasTags || answer.status !== 200) return answer;
  const tagged = await perform(store, 'TagResource', { ResourceArn: arnOf(answer), Tags: tags });
  return tagged.status === 200 ? answer : tagged;
}

const arnOf = ({ body }: TableAnswer): unknown =>
  typeof body.TableDescription === 'object' && body.TableDescription !== null && 'TableArn' in body.TableDescription
    ? body.TableDescription.TableArn
    : undefined;

/** Members that ask for nothing which is not so anyway. Every other one that dynalite does not know is refused. */
const WITHOUT_EFFECT: Readonly<Record<string, (value: unknown) => boolean>> = {
  ConsistentRead: () => true,
  DeletionProtectionEnabled: (value) => value === false,
  ReturnValuesOnConditionCheckFailure: (value) => value === 'NONE',
  SSESpecification: (value) =>
    typeof value === 'object' && value !== null && 'Enabled' in value && value.Enabled === false,
  StreamSpecification: (value) =>
    typeof value === 'object' && value !== null && 'StreamEnabled' in value && value.StreamEnabled === false,
  TableClass: (value) => value === 'STANDARD',
};

const isDone = (operation: DynaliteOperation, member: string, value: unknown): boolean =>
  value == null ||
  Object.hasOwn(operation.types, member) ||
  (Object.hasOwn(WITHOUT_EFFECT, member) && WITHOUT_EFFECT[member]?.(value) === true);

async function check(
  store: DynaliteStore,
  name: string,
  operation: DynaliteOperation,
  input: Record<string, unknown>,
): Promise<TableAnswer> {
  try {
    const checked = validations.checkTypes(input, operation.types);
    validations.checkValidations(checked, operation.types, operation.custom, store);
    const body = await new Promise<Record<string, unknown>>((resolve, reject) => {
      operation.perform(store, checked, (fault, output) => (fault ? reject(fault) : resolve(output ?? {})));
    });
    if (name === 'CreateTable' || name === 'DeleteTable') await settled(store, String(checked.TableName), name);
    return { status: 200, body };
  } catch (fault) {
    if (!isRefusal(fault)) throw fault;
    const { Message, ...body } = fault.body;
    return { status: fault.statusCode, body: Message === undefined ? body : { ...body, message: Message } };
  }
}

const failure = (code: string, message: string): TableAnswer => ({ status: 400, body: { __type: code, message } });

interface Refusal {
  readonly statusCode: number;
  readonly body: Readonly<Record<string, unknown>>;
}

const isRefusal = (fault: unknown): fault is Refusal =>
  typeof fault === 'object' &&
  fault !== null &&
  'statusCode' in fault &&
  typeof fault.statusCode === 'number' &&
  'body' in fault;

const SETTLE_TRIES_MAX = 1000;

/** dynalite makes a table ACTIVE (or takes it away) a moment after it has answered; we answer after that. */
async function settled(store: DynaliteStore, table: string, operation: 'CreateTable' | 'DeleteTable'): Promise<void> {
  for (let i = 0; i < SETTLE_TRIES_MAX; i++) {
    const status = await statusOf(store, table);
    if (status === (operation === 'CreateTable' ? 'ACTIVE' : null)) return;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  throw new Error(`Expected ${operation} of '${table}' to end, but it has not.`);
}

async function statusOf(store: DynaliteStore, name: string): Promise<string | null> {
  return (await tableOf(store, name))?.TableStatus ?? null;
}

const tableOf = (store: DynaliteStore, name: string): Promise<TableRecord | null> =>
  new Promise((resolve, reject) => {
    store.getTable(name, false, (fault, table) => {
      if (!fault) resolve(table ?? null);
      else if (isRefusal(fault)) resolve(null);
      else reject(fault);
    });
  });

/** A process that was killed between the two halves of CreateTable or DeleteTable leaves the table in between. */
async function finishInterrupted(store: DynaliteStore): Promise<void> {
  const listed = await perform(store, 'ListTables', {});
  const names = Array.isArray(listed.body.TableNames) ? listed.body.TableNames.map(String) : [];
  for (const name of names) {
    const table = await tableOf(store, name);
    if (table === null || table.TableStatus === 'ACTIVE') continue;
    if (table.TableStatus === 'DELETING') await done((end) => store.tableDb.del(name, end));
    else {
      table.TableStatus = 'ACTIVE';
      for (const index of table.GlobalSecondaryIndexes ?? []) index.IndexStatus = 'ACTIVE';
      await done((end) => store.tableDb.put(name, table, end));
    }
  }
}

const done = (start: (end: (fault: unknown) => void) => void): Promise<void> =>
  new Promise((resolve, reject) => start((fault) => (fault ? reject(fault) : resolve())));
