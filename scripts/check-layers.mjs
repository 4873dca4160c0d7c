// Enforces the table "Layout and direction": who may import whom, no cycles, no clock, randomness, IO or await in
// the pure folders, and no drawer folders. `--root <folder>` checks another tree (the tests do).

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { filesUnder, importsOf, maskSource } from './source-text.mjs';

/**
 * What each layer may import besides the base and itself. `types:` in front: with `import type` only.
 * `store` means the ports and what stands beside them, never an adapter's folder.
 */
const LAYERS = {
  language: [],
  interpreter: ['language'],
  store: ['interpreter', 'types:language'],
  host: ['interpreter', 'language', 'store'],
  functions: ['store'],
  services: ['store'],
  integrations: ['types:interpreter', 'types:language', 'functions', 'services'],
  api: ['host', 'language', 'interpreter', 'store', 'services', 'functions'],
  templates: ['api', 'language', 'services'],
  testing: ['interpreter', 'language', 'store', 'host', 'integrations', 'api/states/history-event'],
  simulation: ['*'],
  server: ['*'],
  cli: ['*'],
};
const BASE = new Set(['limits', 'payload', 'arn']);
/** Contracts without code: whoever fulfils or calls one may name its types, except the pure folders. */
const PORTS = new Set(['store/ports', 'host/ports', 'integrations/port', 'services/ports', 'api/port']);
const PURE = new Set(['language', 'interpreter']);
const ADAPTERS = ['store/sqlite', 'store/postgres'];
/** Adapters are named by the composition, by themselves and by the test kit. */
const MAY_NAME_ADAPTERS = new Set(['server', 'cli', 'testing']);
const OUTSIDE = ['console', 'apps', 'bench'];
const DRAWERS = new Set(['utils', 'util', 'common', 'helpers', 'types', 'lib']);

const IMPURE = [
  [/\bDate\.now\b/, 'reads the clock (Date.now)'],
  [/\bnew Date\(\s*\)/, 'reads the clock (new Date())'],
  [/(?<!new\s)(?<![.\w])Date\(\s*\)/, 'reads the clock (Date())'],
  [/\bperformance\s*\./, 'reads the clock (performance)'],
  [/\bMath\.random\b/, 'draws randomness (Math.random)'],
  [/\brandomUUID\b|\brandomBytes\b|\bgetRandomValues\b/, 'draws randomness (crypto)'],
  [/\bset(?:Timeout|Interval|Immediate)\b|\bqueueMicrotask\b/, 'schedules work'],
  [/\bprocess\s*\./, 'looks at the process'],
  [/\bconsole\s*\./, 'logs'],
  [/\bfetch\s*\(/, 'does IO (fetch)'],
  [/\bawait\b|\basync\b|\bPromise\b/, 'is asynchronous'],
];
/** Modules of Node that compute only. */
const PURE_MODULES = { 'node:crypto': new Set(['createHash']), 'node:assert': null, 'node:buffer': null };

/** Every broken rule as one line of text: `path:line what, and what to do`. */
export function checkLayers(root) {
  const source = join(root, 'src');
  const files = filesUnder(root).filter((file) => /\.(ts|tsx|mts|mjs|js)$/.test(file));
  const faults = drawerFaults(root, filesUnder(root));
  const graph = new Map();
  for (const file of files) {
    const text = readFileSync(file, 'utf8');
    const masked = maskSource(text);
    const imports = importsOf(text, masked).map((found) => ({
      ...found,
      target: resolveImport(file, found.specifier),
    }));
    const place = relative(root, file).split(sep).join('/');
    faults.push(...outsideFaults(root, place, imports));
    if (!file.startsWith(source + sep) || place.endsWith('.test.ts')) continue;
    const layer = layerOf(source, file);
    faults.push(...directionFaults(source, layer, place, imports));
    if (PURE.has(layer)) faults.push(...purityFaults(place, masked, imports));
    graph.set(
      file,
      imports.filter((found) => !found.isType && found.target).map((found) => found.target),
    );
  }
  return [...faults, ...cycleFaults(root, graph)];
}

/** The layer of a file under `src`: the name of its first folder, or of the file itself (`limits.ts`). */
const layerOf = (source, file) => relative(source, file).split(sep)[0].replace(/\.ts$/, '');

/** The file that a relative import means, or null for packages and Node's own modules. */
function resolveImport(file, specifier) {
  if (!specifier.startsWith('.')) return null;
  const path = normalize(join(dirname(file), specifier));
  const asTypeScript = path.replace(/\.js$/, '.ts');
  return existsSync(asTypeScript) ? asTypeScript : path;
}

function directionFaults(source, layer, place, imports) {
  const allowed = BASE.has(layer) ? [] : LAYERS[layer];
  if (allowed === undefined)
    return [
      `${place}: Expected a layer of the table, but 'src/${layer}' is not in it. Add it to scripts/check-layers.mjs and DESIGN.`,
    ];
  const faults = [];
  for (const { target, specifier, isType, line } of imports) {
    if (target === null) continue;
    const path = relative(source, target).split(sep).join('/').replace(/\.ts$/, '');
    const targetLayer = path.split('/')[0];
    if (path.startsWith('..')) {
      if (!path.startsWith('../package.json'))
        faults.push(`${place}:${line} imports '${specifier}', which lies outside src.`);
      continue;
    }
    const namesAdapter = ADAPTERS.some((adapter) => path.startsWith(`${adapter}/`)) && !place.startsWith('src/store/');
    if (namesAdapter && !MAY_NAME_ADAPTERS.has(layer)) {
      faults.push(`${place}:${line} imports '${specifier}': only server and cli name a concrete store. Use the port.`);
    } else if (!mayImport(allowed, { layer, targetLayer, path, isType })) {
      const list = allowed.length > 0 ? allowed.join(', ') : 'nothing but the base';
      faults.push(`${place}:${line} imports '${specifier}': ${layer} may import ${list}.`);
    }
  }
  return [...faults, ...siblingFaults(layer, place, imports, source)];
}

function mayImport(allowed, { layer, targetLayer, path, isType }) {
  if (targetLayer === layer || BASE.has(targetLayer) || allowed.includes('*')) return true;
  if (isType && PORTS.has(path) && !PURE.has(layer) && !BASE.has(layer)) return true;
  return allowed.some((entry) => {
    const needsType = entry.startsWith('types:');
    const name = needsType ? entry.slice('types:'.length) : entry;
    return (name === targetLayer || name === path) && (isType || !needsType);
  });
}

/** Services reach each other through ports only. */
function siblingFaults(layer, place, imports, source) {
  if (layer !== 'services') return [];
  const own = place.split('/').slice(0, 3).join('/');
  return imports
    .filter(({ target }) => target !== null)
    .map((found) => ({ ...found, path: `src/${relative(source, found.target).split(sep).join('/')}` }))
    .filter(
      ({ path }) =>
        /^src\/services\/[^/]+\//.test(path) &&
        !path.startsWith(`${own}/`) &&
        own.split('/').length === 3 &&
        !own.endsWith('.ts'),
    )
    .map(
      ({ specifier, line }) =>
        `${place}:${line} imports '${specifier}': services reach each other through src/services/ports.ts.`,
    );
}

function purityFaults(place, masked, imports) {
  const faults = [];
  masked.split('\n').forEach((text, index) => {
    for (const [pattern, what] of IMPURE)
      if (pattern.test(text))
        faults.push(`${place}:${index + 1} ${what}: time, randomness and IO arrive in the stimulus.`);
  });
  for (const { specifier, isType, names, line } of imports) {
    if (isType || !specifier.startsWith('node:')) continue;
    const pureNames = PURE_MODULES[specifier];
    const isPure =
      pureNames === null || (pureNames !== undefined && names.length > 0 && names.every((name) => pureNames.has(name)));
    if (!isPure) faults.push(`${place}:${line} imports '${specifier}': language and interpreter do no IO.`);
  }
  return faults;
}

/** Console, applications and benchmarks use public exports and HTTP, never the engine's sources. */
function outsideFaults(root, place, imports) {
  const folder = OUTSIDE.find((name) => place.startsWith(`${name}/`));
  if (folder === undefined) return [];
  const source = join(root, 'src') + sep;
  const built = join(root, 'dist') + sep;
  return (
    imports
      // Benchmarks measure layers that no export shows, in process: they may name the built package.
      .filter(
        ({ target }) =>
          target !== null && (target.startsWith(source) || (target.startsWith(built) && folder !== 'bench')),
      )
      .map(
        ({ specifier, line }) =>
          `${place}:${line} imports '${specifier}': ${folder} uses public exports ('treadle/testing') and HTTP only.`,
      )
  );
}

function drawerFaults(root, files) {
  const folders = new Set(
    files
      .map((file) => relative(root, dirname(file)))
      .filter((folder) => /^(src|console|apps|bench|scripts|test)\b/.test(folder)),
  );
  return [...folders]
    .filter((folder) => folder.split(sep).some((name) => DRAWERS.has(name)))
    .map(
      (folder) =>
        `${folder}: Expected a folder named after what it holds, but '${folder.split(sep).find((name) => DRAWERS.has(name))}' is a drawer.`,
    );
}

function cycleFaults(root, graph) {
  const state = new Map();
  const faults = [];
  const trail = [];
  const visit = (file) => {
    if (state.get(file) === 'done') return;
    if (state.get(file) === 'open') {
      const loop = [...trail.slice(trail.indexOf(file)), file].map((name) => relative(root, name));
      faults.push(`${loop[0]}: Expected no cycle of imports, but there is ${loop.join(' → ')}.`);
      return;
    }
    state.set(file, 'open');
    trail.push(file);
    for (const target of graph.get(file) ?? []) visit(target);
    trail.pop();
    state.set(file, 'done');
  };
  for (const file of graph.keys()) visit(file);
  return faults;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const flag = process.argv.indexOf('--root');
  const root = flag > 0 ? process.argv[flag + 1] : fileURLToPath(new URL('..', import.meta.url));
  const faults = checkLayers(normalize(join(root, '.')));
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) process.exitCode = 1;
}
