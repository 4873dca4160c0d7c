import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { BuildFailure, Message } from 'esbuild';

/** Code that does not load: `payload` is the error object that the caller gets. */
export class LoadFault extends Error {
  override readonly name = 'LoadFault';
  constructor(
    readonly errorType: string,
    message: string,
  ) {
    super(message);
  }

  get payload(): string {
    return JSON.stringify({ errorType: this.errorType, errorMessage: this.message, trace: this.message.split('\n') });
  }
}

/** The TypeScript file of a handler; null when there is a JavaScript file (which comes first) or no file at all. */
export function typescriptFileOf(folder: string, handler: string): string | null {
  const last = basename(handler);
  const dot = last.indexOf('.');
  if (dot <= 0) return null;
  const path = join(folder, dirname(handler), last.slice(0, dot));
  if (['', '.js', '.mjs', '.cjs'].some((extension) => existsSync(path + extension))) return null;
  const extension = ['.ts', '.mts', '.cts', '.tsx'].find((candidate) => existsSync(path + candidate));
  return extension === undefined ? null : path + extension;
}

/** Bundles a TypeScript handler into one module, or takes the bundle that is there already. Throws LoadFault. */
export async function bundleTypescript(
  source: string,
  target: { readonly folder: string; readonly nodePaths: readonly string[] },
): Promise<string> {
  const bundle = join(target.folder, 'index.mjs');
  if (existsSync(bundle)) return bundle;
  const partial = `${target.folder}.${randomUUID()}`;
  await mkdir(partial, { recursive: true });
  const { build } = await import('esbuild'); // loaded at the first TypeScript function only
  try {
    await build({
      entryPoints: [source],
      outfile: join(partial, 'index.mjs'),
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: `node${process.versions.node.split('.')[0]}`,
      sourcemap: 'inline',
      sourcesContent: false,
      keepNames: true,
      loader: { '.node': 'copy' },
      nodePaths: [...target.nodePaths],
      banner: { js: REQUIRE_SHIM },
      logLevel: 'silent',
    });
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw isBuildFailure(error) ? loadFault(error) : error;
  }
  await rename(partial, target.folder).catch(async (error: unknown) => {
    await rm(partial, { recursive: true, force: true });
    if (!existsSync(bundle)) throw error; // else another function with the same code was quicker
  });
  return bundle;
}

/** Bundled CommonJS packages call `require` for Node's own modules. */
const REQUIRE_SHIM = [
  "import { createRequire as __createRequire } from 'node:module';",
  "import { fileURLToPath as __fileUrlToPath } from 'node:url';",
  'const require = __createRequire(import.meta.url);',
  'const __filename = __fileUrlToPath(import.meta.url);',
  "const __dirname = __fileUrlToPath(new URL('.', import.meta.url));",
].join(' ');

const isBuildFailure = (error: unknown): error is BuildFailure =>
  error instanceof Error && 'errors' in error && Array.isArray(error.errors);

function loadFault(failure: BuildFailure): LoadFault {
  const [first] = failure.errors;
  if (first === undefined) return new LoadFault('Runtime.UserCodeSyntaxError', failure.message);
  const missing = /^Could not resolve "(.*)"$/.exec(first.text)?.[1];
  if (missing === undefined) return new LoadFault('Runtime.UserCodeSyntaxError', `SyntaxError: ${shown(first)}`);
  const sdk = /^@aws-sdk\/[^/]+/.exec(missing)?.[0];
  const cure = sdk ? `\nThe AWS SDK is not installed on this machine: npm install ${sdk}` : '';
  return new LoadFault('Runtime.ImportModuleError', `Error: Cannot find module '${missing}' (${shown(first)})${cure}`);
}

function shown({ text, location }: Message): string {
  return location ? `${text} at ${location.file}:${location.line}:${location.column + 1}` : text;
}
