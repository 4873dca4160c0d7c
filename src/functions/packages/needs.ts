import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { hashFolder } from '../folder-hash.js';
import { invalidParameter } from '../refusal.js';
import type { Interpreter, Runtime } from '../runtimes.js';
import { isSatisfied } from './python-check.js';

/** Packages that a folder of code names and does not hold. */
export interface Needs {
  /** The same for the same contents: what was installed for it once serves everybody who needs it. */
  readonly id: string;
  /** For messages: `package.json` or `requirements.txt`. */
  readonly file: string;
  readonly kind: NodeNeeds | PythonNeeds;
}

export interface NodeNeeds {
  readonly tool: 'npm';
  readonly manifest: Manifest;
  /** Text of package-lock.json. */
  readonly lock: string | null;
  readonly settings: string | null;
  readonly hasLocal: boolean;
}

export interface PythonNeeds {
  readonly tool: 'pip';
  /** The interpreter's program. */
  readonly command: string;
}

/** The members of a package.json that say what to install; its own scripts are left out, for its files are not there. */
export type Manifest = Readonly<Record<string, unknown>> & { readonly dependencies: Readonly<Record<string, string>> };

const MANIFEST_MEMBERS = [
  ...['name', 'version', 'type', 'engines', 'overrides', 'bundleDependencies'],
  ...['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies', 'peerDependenciesMeta'],
];

/** What `sam build` wrote holds its packages. */
const isBuilt = (folder: string): boolean => /[/\\]\.aws-sam[/\\]build(?:[/\\]|$)/.test(folder);

/** Null where nothing is to be installed. `sdkFolder` is a node_modules with the AWS SDK. Throws FunctionRefusal. */
export async function needsOf(
  folder: string,
  { runtime, interpreter, sdkFolder }: { runtime: Runtime; interpreter: Interpreter; sdkFolder: string },
): Promise<Needs | null> {
  if (isBuilt(folder)) return null;
  return runtime.language === 'python' ? pythonNeeds(folder, interpreter) : nodeNeeds(folder, sdkFolder);
}

async function nodeNeeds(folder: string, sdkFolder: string): Promise<Needs | null> {
  const text = await textOf(join(folder, 'package.json'));
  if (text === null || existsSync(join(folder, 'node_modules'))) return null;
  const manifest = readManifest(text, folder);
  const names = Object.keys(manifest.dependencies);
  if (names.every((name) => isThere(name, folder) || existsSync(join(sdkFolder, name)))) return null;
  const lock = await textOf(join(folder, 'package-lock.json'));
  const settings = await textOf(join(folder, '.npmrc'));
  const local = localPaths(manifest.dependencies, folder);
  const dependencies = { ...manifest.dependencies, ...mapped(local, (path) => `file:${path}`) };
  const own = Object.fromEntries(Object.entries(manifest).filter(([member]) => MANIFEST_MEMBERS.includes(member)));
  const contents = await Promise.all(Object.values(local).map(contentHash));
  const id = idOf([
    'npm',
    process.versions.modules,
    process.platform,
    process.arch,
    JSON.stringify(own),
    lock ?? '',
    settings ?? '',
    ...contents,
  ]);
  const kind: NodeNeeds = {
    ...{ tool: 'npm', manifest: { ...own, dependencies }, lock, settings },
    hasLocal: Object.keys(local).length > 0,
  };
  return { id, file: 'package.json', kind };
}

function readManifest(text: string, folder: string): Manifest {
  const fault = (why: string) =>
    invalidParameter(`Expected ${join(folder, 'package.json')} to be a package's, but ${why}.`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw fault(error instanceof Error ? error.message : 'it is not JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw fault('it is no object');
  const { dependencies = {} } = value as { readonly dependencies?: unknown };
  const isMap = typeof dependencies === 'object' && dependencies !== null;
  if (!isMap || Object.values(dependencies).some((version) => typeof version !== 'string'))
    throw fault('its dependencies are no names with versions');
  return { ...value, dependencies: dependencies as Readonly<Record<string, string>> }; // just checked
}

/** Node looks in every folder above, too. */
function isThere(name: string, folder: string): boolean {
  if (existsSync(join(folder, 'node_modules', name))) return true;
  const above = dirname(folder);
  return above !== folder && isThere(name, above);
}

/** Absolute paths of packages that lie on this machine. */
const localPaths = (dependencies: Readonly<Record<string, string>>, folder: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(dependencies).flatMap(([name, version]) => {
      const path = /^(?:file:|(?=\.{1,2}\/|\/))(.*)$/.exec(version)?.[1];
      return path === undefined ? [] : [[name, resolve(folder, path)]];
    }),
  );

const mapped = (record: Readonly<Record<string, string>>, change: (value: string) => string): Record<string, string> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));

async function pythonNeeds(folder: string, { command, version }: Interpreter): Promise<Needs | null> {
  const text = await textOf(join(folder, 'requirements.txt'));
  if (text === null || requirementLines(text).length === 0) return null;
  // `pip install --target .` leaves these.
  if ((await readdir(folder)).some((name) => name.endsWith('.dist-info'))) return null;
  if (await isSatisfied(command, join(folder, 'requirements.txt'))) return null;
  const id = idOf(['pip', version, process.platform, process.arch, text, ...(await referenced(text, folder))]);
  return { id, file: 'requirements.txt', kind: { tool: 'pip', command } };
}

const requirementLines = (text: string): readonly string[] =>
  text
    .split('\n')
    .map((line) => line.replace(/(?:^|\s)#.*/, '').trim())
    .filter((line) => line !== '');

/** Hashes of the files and folders that requirements name: other lists, wheels, folders with packages. */
async function referenced(text: string, folder: string): Promise<readonly string[]> {
  const words = requirementLines(text).flatMap((line) => line.split(/[\s=@]+/));
  const paths = words.map((word) => resolve(folder, word.replace(/^file:(?:\/\/)?/, '').replace(/\[.*\]$/, '')));
  return Promise.all([...new Set(paths)].filter((path) => path !== folder && existsSync(path)).map(contentHash));
}

async function contentHash(path: string): Promise<string> {
  const found = await stat(path).catch(() => null);
  if (found === null) return '';
  if (found.isDirectory()) return (await hashFolder(path)).codeSha256;
  return createHash('sha256')
    .update(await readFile(path))
    .digest('base64');
}

const idOf = (parts: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 40);

const textOf = (file: string): Promise<string | null> => readFile(file, 'utf8').catch(() => null);
