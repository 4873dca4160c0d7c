import { randomBytes } from 'node:crypto';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FUNCTION_RESPONSE_BYTES_MAX } from '../limits.js';
import type { Launch } from './child.js';
import type { CodeStore } from './code-store.js';
import type { FunctionConfiguration } from './configuration.js';
import type { Packages } from './packages/packages.js';
import { findInterpreter, parseRuntime } from './runtimes.js';
import { bundleTypescript, typescriptFileOf } from './typescript.js';

/** A function made ready to start: everything but what differs from process to process. */
export interface PreparedLaunch {
  readonly launch: () => Launch;
  /** A line for the log of each cold start, or null. */
  readonly warning: string | null;
}

export interface LaunchOptions {
  readonly code: CodeStore;
  readonly packages: Packages;
  readonly endpointUrl: () => string;
}

/** Unpacks or bundles the code and finds its interpreter. Throws FunctionRefusal or LoadFault. */
export async function prepareLaunch(
  configuration: FunctionConfiguration,
  { code, packages, endpointUrl }: LaunchOptions,
): Promise<PreparedLaunch> {
  const runtime = parseRuntime(configuration.runtime);
  const interpreter = await findInterpreter(runtime, process.env.PATH);
  const folder = await code.folderOf(configuration);
  // The last one wins: it comes first in every search path.
  const layers = await Promise.all(
    (configuration.layers ?? []).map((layer) => code.folderOf({ ...layer, folder: null })),
  );
  layers.reverse();
  const installed = await packagesOf(configuration, packages, folder);
  const base = { command: interpreter.command, folder };
  if (runtime.language === 'python') {
    const args = ['-u', '-X', 'utf8', bootstrap('python.py')];
    const launch = (): Launch => ({
      ...base,
      args,
      environment: {
        ...withLayers(environmentOf(configuration, folder, endpointUrl()), layers),
        ...pythonEnvironment(configuration),
        ...pythonPath(configuration, { layers, installed, version: runtime.version }),
      },
    });
    return { launch, warning: interpreter.warning };
  }
  const sdkFolder = join(code.root, 'node_modules');
  const ownPaths = installed === null ? [] : [join(installed, 'node_modules')];
  const nodePaths = [...ownPaths, ...layers.flatMap((layer) => nodePathsOf(layer, runtime.version)), sdkFolder];
  const source = typescriptFileOf(folder, configuration.handler);
  const bundle =
    source === null
      ? null
      : await bundleTypescript(source, {
          folder: code.bundleFolder(configuration, configuration.handler, [
            ...(configuration.layers ?? []).map(({ codeSha256 }) => codeSha256),
            configuration.packages ?? '',
          ]),
          nodePaths,
        });
  const args = [
    `--max-old-space-size=${configuration.memoryMb}`,
    ...(bundle === null ? [] : ['--enable-source-maps']),
    bootstrap('node.mjs'),
    bundle ?? '-',
    code.root,
    installed ?? '-',
  ];
  const launch = (): Launch => ({
    ...base,
    args,
    environment: {
      NODE_PATH: nodePaths.join(delimiter),
      ...withLayers(environmentOf(configuration, folder, endpointUrl()), layers),
    },
  });
  return { launch, warning: interpreter.warning };
}

/** Where its packages are; installs them again when somebody has deleted them. Throws FunctionRefusal. */
async function packagesOf(
  { name, runtime, packages: id }: FunctionConfiguration,
  packages: Packages,
  folder: string,
): Promise<string | null> {
  if (id === undefined) return null;
  const found = packages.find(id);
  if (found !== null) return found;
  const made = await packages.ensure({ name, runtime, folder });
  return made === null ? null : packages.find(made);
}

/** Where Lambda looks in `/opt` for packages. */
const nodePathsOf = (layer: string, version: string): readonly string[] => [
  join(layer, 'nodejs', `node${version}`, 'node_modules'),
  join(layer, 'nodejs', 'node_modules'),
];

function pythonPath(
  { environment }: FunctionConfiguration,
  {
    layers,
    installed,
    version,
  }: { readonly layers: readonly string[]; readonly installed: string | null; readonly version: string },
): Record<string, string> {
  const paths = layers.flatMap((layer) => [
    join(layer, 'python', 'lib', `python${version}`, 'site-packages'),
    join(layer, 'python'),
  ]);
  const own = installed === null ? [] : [join(installed, 'python')];
  const all = [...own, ...paths, environment.PYTHONPATH ?? ''].filter((path) => path !== '');
  return all.length === 0 ? {} : { PYTHONPATH: all.join(delimiter) };
}

/** Programs and libraries of layers, as `/opt/bin` and `/opt/lib` are found on Lambda. */
function withLayers(environment: Record<string, string>, layers: readonly string[]): Record<string, string> {
  if (layers.length === 0) return environment;
  const before = (name: string, folder: string): string =>
    [...layers.map((layer) => join(layer, folder)), environment[name] ?? '']
      .filter((path) => path !== '')
      .join(delimiter);
  return { ...environment, PATH: before('PATH', 'bin'), LD_LIBRARY_PATH: before('LD_LIBRARY_PATH', 'lib') };
}

/** Bootstraps lie beside the built code and beside the source alike. */
const bootstrap = (name: string): string => fileURLToPath(new URL(`./bootstrap/${name}`, import.meta.url));

/** Address space that Python's code, libraries and threads' stacks take beside the memory that it uses. */
const ADDRESS_SPACE_ROOM_BYTES = 1024 * 1024 * 1024;

function pythonEnvironment(configuration: FunctionConfiguration): Record<string, string> {
  return {
    // The folder of the code is the user's: no compiled files in it.
    PYTHONDONTWRITEBYTECODE: '1',
    TREADLE_ADDRESS_SPACE_BYTES_MAX: String(configuration.memoryMb * 1024 * 1024 + ADDRESS_SPACE_ROOM_BYTES),
  };
}

/** The environment as Lambda has it. Of the server's own only what programs cannot do without. */
function environmentOf(
  configuration: FunctionConfiguration,
  folder: string,
  endpointUrl: string,
): Record<string, string> {
  const { name, place } = configuration;
  const day = new Date().toISOString().slice(0, 10).replaceAll('-', '/');
  const inherited: Record<string, string> = {};
  for (const key of ['PATH', 'HOME', 'LANG']) {
    const value = process.env[key];
    if (value !== undefined) inherited[key] = value;
  }
  return {
    ...inherited,
    TZ: ':UTC',
    AWS_ENDPOINT_URL: endpointUrl,
    ...configuration.environment,
    AWS_REGION: place.region,
    AWS_DEFAULT_REGION: place.region,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_EXECUTION_ENV: `AWS_Lambda_${configuration.runtime}`,
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_FUNCTION_VERSION: configuration.version,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(configuration.memoryMb),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: `${day}/[${configuration.version}]${randomBytes(16).toString('hex')}`,
    LAMBDA_TASK_ROOT: folder,
    LAMBDA_RUNTIME_DIR: fileURLToPath(new URL('./bootstrap', import.meta.url)),
    _HANDLER: configuration.handler,
    TREADLE_RESPONSE_BYTES_MAX: String(FUNCTION_RESPONSE_BYTES_MAX),
  };
}
