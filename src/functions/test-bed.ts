import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { InvocationResult } from '../services/ports.js';
import type { CreateFunction } from './configuration.js';
import { Functions, type FunctionsOptions } from './functions.js';
import type { FunctionRecordChange, FunctionRecords } from './records.js';

/** For tests of this folder: functions in a temporary folder, with real processes. */

export class RecordsInMemory implements FunctionRecords {
  readonly texts = new Map<string, string>();

  async write(changes: readonly FunctionRecordChange[]): Promise<void> {
    for (const { key, text } of changes) {
      if (text === null) this.texts.delete(key);
      else this.texts.set(key, text);
    }
  }

  async list(): Promise<readonly { readonly key: string; readonly text: string }[]> {
    return [...this.texts].map(([key, text]) => ({ key, text }));
  }
}

export const PLACE = { region: 'us-east-1', account: '000000000000' };

export class TestBed {
  readonly folder = mkdtempSync(join(tmpdir(), 'functions-'));
  readonly records = new RecordsInMemory();
  readonly warnings: string[] = [];
  readonly #opened: Functions[] = [];

  async open(options: Partial<FunctionsOptions> = {}): Promise<Functions> {
    const functions = await Functions.open({
      dataFolder: join(this.folder, 'data'),
      records: this.records,
      endpointUrl: () => 'http://127.0.0.1:4566',
      place: PLACE,
      warn: (text) => this.warnings.push(text),
      ...options,
    });
    this.#opened.push(functions);
    return functions;
  }

  /** Writes files into a new folder. Returns its path. */
  write(files: Readonly<Record<string, string>>): string {
    const folder = join(this.folder, randomUUID());
    mkdirSync(folder);
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    return folder;
  }

  async close(): Promise<void> {
    await Promise.all(this.#opened.map((functions) => functions.close()));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

type Given = Partial<CreateFunction> & { readonly files: Readonly<Record<string, string>> };

/** Creates a function from files; JavaScript unless the handler's file is Python. Returns its name. */
export async function createFrom(bed: TestBed, functions: Functions, { files, ...given }: Given): Promise<string> {
  const isPython = Object.keys(files).some((file) => file.endsWith('.py'));
  const { name } = await functions.create({
    name: `f-${randomUUID()}`,
    place: PLACE,
    runtime: isPython ? 'python3.11' : 'nodejs20.x',
    handler: 'app.handler',
    memoryMb: 256,
    timeoutSeconds: 20,
    code: { type: 'folder', path: bed.write(files) },
    ...given,
  });
  return name;
}

export async function call(functions: Functions, functionName: string, event: unknown = {}): Promise<InvocationResult> {
  return await functions.invoke({ functionName, event: JSON.stringify(event), requestId: randomUUID() });
}

/** The result's payload as a value, behind its type: `['succeeded', 1]`. */
export function shown(result: InvocationResult): readonly [string, unknown] {
  return [result.type, result.type === 'refused' ? `${result.code}: ${result.message}` : JSON.parse(result.payload)];
}
