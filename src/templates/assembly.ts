import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ASSEMBLIES_NESTED_MAX, ASSEMBLY_FILE_BYTES_MAX, ASSEMBLY_STACKS_MAX } from '../limits.js';
import { type Assets, asRecord, NO_ASSETS, readAssets } from './assets.js';
import { TemplateError } from './problem.js';
import { readTextFile } from './read-template.js';
import { suggestion } from './suggestion.js';

/** What `cdk synth` writes: stacks with their templates, in the order in which they are deployed. */
export interface Assembly {
  /** As given. */
  readonly folder: string;
  readonly stacks: readonly AssemblyStack[];
}

export interface AssemblyStack {
  /** As the CDK CLI shows it and `--stack` names it: `Shop`, or `Test/Shop` of a stage. */
  readonly name: string;
  readonly stackName: string;
  /** Path of its template. */
  readonly template: string;
  /** Values that the app gives to the template's parameters. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly assets: Assets;
  /** Names of the stacks that come before it. */
  readonly dependencies: readonly string[];
}

const MANIFEST = 'manifest.json';

/** A folder with a manifest, or the manifest itself. */
export const isAssembly = (path: string): boolean =>
  basename(path) === MANIFEST || (existsSync(join(path, MANIFEST)) && statSync(path).isDirectory());

/** Reads a cloud assembly with everything nested in it. Throws TemplateError: it is incomplete, or cannot be read. */
export async function readAssembly(path: string): Promise<Assembly> {
  const folder = basename(path) === MANIFEST ? dirname(path) : path;
  const stacks = await readStacks(folder, 0);
  const file = join(folder, MANIFEST);
  if (stacks.length === 0) throw unreadable(file, 'Expected a stack in the assembly, but there is none.');
  if (stacks.length > ASSEMBLY_STACKS_MAX)
    throw unreadable(file, `Expected at most ${ASSEMBLY_STACKS_MAX} stacks, but there are ${stacks.length}.`);
  return { folder, stacks: ordered(stacks, file) };
}

/** The stacks of these names (all where none is named) and whatever they depend on. Throws TemplateError for an unknown name. */
export function chooseStacks({ folder, stacks }: Assembly, names: readonly string[]): readonly AssemblyStack[] {
  if (names.length === 0) return stacks;
  const byName = new Map(stacks.map((stack) => [stack.name, stack]));
  const chosen = new Set<AssemblyStack>();
  const choose = (stack: AssemblyStack | undefined): void => {
    if (stack === undefined || chosen.has(stack)) return;
    chosen.add(stack);
    for (const name of stack.dependencies) choose(byName.get(name));
  };
  for (const name of names) {
    const stack = byName.get(name) ?? stacks.find(({ stackName }) => stackName === name);
    if (stack === undefined) {
      const hint = suggestion(name, byName.keys());
      const known = [...byName.keys()].join(', ');
      const message = `Expected a stack '${name}' in the assembly, but there is none.${hint} It has ${known}.`;
      throw unreadable(join(folder, MANIFEST), message);
    }
    choose(stack);
  }
  return stacks.filter((stack) => chosen.has(stack));
}

interface Artifact {
  readonly id: string;
  readonly type: unknown;
  readonly displayName: unknown;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly dependencies: readonly string[];
}

async function readStacks(folder: string, depth: number): Promise<readonly AssemblyStack[]> {
  const file = join(folder, MANIFEST);
  if (depth > ASSEMBLIES_NESTED_MAX)
    throw unreadable(file, `Expected at most ${ASSEMBLIES_NESTED_MAX} assemblies inside of each other.`);
  const artifacts = artifactsOf(await readManifest(file));
  const assets = await assetsOf(artifacts, folder);
  const inside = new Map<string, readonly AssemblyStack[]>();
  for (const { id, type, properties } of artifacts) {
    if (type !== 'cdk:cloud-assembly') continue;
    const { directoryName } = properties;
    if (typeof directoryName !== 'string') throw unreadable(file, `Expected '${id}' to have a directoryName.`);
    inside.set(id, await readStacks(join(folder, directoryName), depth + 1));
  }
  const own = artifacts.filter(({ type }) => type === 'aws:cloudformation:stack');
  const names = new Map(own.map((artifact) => [artifact.id, nameOf(artifact)]));
  const namesOf = (id: string): readonly string[] =>
    inside.get(id)?.map(({ name }) => name) ?? [names.get(id) ?? []].flat();
  const stacks = own.map((artifact) => readStack(artifact, { folder, file, assets, namesOf }));
  const nested = artifacts.flatMap(({ id, dependencies }) =>
    (inside.get(id) ?? []).map((stack) => ({
      ...stack,
      dependencies: [...stack.dependencies, ...dependencies.flatMap(namesOf)],
    })),
  );
  return [...stacks, ...nested];
}

async function readManifest(file: string): Promise<Readonly<Record<string, unknown>>> {
  const manifest = asRecord(await readJson(file));
  const { missing } = manifest;
  if (Array.isArray(missing) && missing.length > 0) {
    const keys = missing.map((entry: unknown) => String(asRecord(entry).key)).join(', ');
    throw unreadable(
      file,
      `Expected a complete assembly, but these look-ups are missing: ${keys}. Run cdk synth again.`,
    );
  }
  return manifest;
}

async function readJson(file: string): Promise<unknown> {
  const text = await readTextFile(file, ASSEMBLY_FILE_BYTES_MAX);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw unreadable(file, `Expected JSON, but: ${error instanceof Error ? error.message : String(error)}.`);
  }
}

const artifactsOf = (manifest: Readonly<Record<string, unknown>>): readonly Artifact[] =>
  Object.entries(asRecord(manifest.artifacts)).map(([id, value]) => {
    const { type, displayName, properties, dependencies } = asRecord(value);
    const ids = Array.isArray(dependencies) ? dependencies.map(String) : [];
    return { id, type, displayName, properties: asRecord(properties), dependencies: ids };
  });

async function assetsOf(artifacts: readonly Artifact[], folder: string): Promise<Assets> {
  let all = NO_ASSETS;
  for (const { type, properties } of artifacts) {
    if (type !== 'cdk:asset-manifest' || typeof properties.file !== 'string') continue;
    const found = readAssets(await readJson(join(folder, properties.file)), folder);
    all = { files: [...all.files, ...found.files], images: [...all.images, ...found.images] };
  }
  return all;
}

/** `Test/Shop`; older assemblies add the stack's name in brackets. */
const nameOf = ({ id, displayName }: Artifact): string =>
  typeof displayName === 'string' ? displayName.replace(/ \(.*\)$/, '') : id;

interface StackSource {
  readonly folder: string;
  readonly file: string;
  readonly assets: Assets;
  /** The stacks that an artifact's id stands for: none for one that is no stack. */
  readonly namesOf: (id: string) => readonly string[];
}

function readStack(artifact: Artifact, { folder, file, assets, namesOf }: StackSource): AssemblyStack {
  const { id, properties, dependencies } = artifact;
  const { templateFile, stackName = id, parameters } = properties;
  if (typeof templateFile !== 'string') throw unreadable(file, `Expected stack '${id}' to have a templateFile.`);
  return {
    name: nameOf(artifact),
    stackName: String(stackName),
    template: join(folder, templateFile),
    parameters: Object.fromEntries(Object.entries(asRecord(parameters)).map(([name, value]) => [name, String(value)])),
    assets,
    dependencies: dependencies.flatMap(namesOf),
  };
}

/** Each after those that it depends on; otherwise as they come. */
function ordered(stacks: readonly AssemblyStack[], file: string): readonly AssemblyStack[] {
  const byName = new Map(stacks.map((stack) => [stack.name, stack]));
  const done = new Set<AssemblyStack>();
  const visit = (stack: AssemblyStack, trail: readonly AssemblyStack[]): void => {
    if (done.has(stack)) return;
    if (trail.includes(stack)) {
      const circle = [...trail.slice(trail.indexOf(stack)), stack].map(({ name }) => name).join(' → ');
      throw unreadable(file, `Expected stacks that do not wait for each other, but they do: ${circle}.`);
    }
    for (const name of stack.dependencies) {
      const next = byName.get(name);
      if (next !== undefined) visit(next, [...trail, stack]);
    }
    done.add(stack);
  };
  for (const stack of stacks) visit(stack, []);
  return [...done];
}

const unreadable = (file: string, message: string): TemplateError =>
  new TemplateError([{ kind: 'invalid', file, line: 1, column: 1, resource: null, resourceType: null, message }]);
