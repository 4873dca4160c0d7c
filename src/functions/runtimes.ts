import { execFile } from 'node:child_process';
import { FunctionRefusal, invalidParameter } from './refusal.js';

/** What runs a function's code: this Node, or the Python that was found. */
export interface Runtime {
  /** As in AWS, e.g. `python3.12`. */
  readonly name: string;
  readonly language: 'javascript' | 'python';
  /** The version asked for: `20`, `3.12`. */
  readonly version: string;
}

const JAVASCRIPT_RUNTIMES: readonly string[] = ['nodejs18.x', 'nodejs20.x', 'nodejs22.x', 'nodejs24.x'];
const PYTHON_RUNTIMES: readonly string[] = [
  'python3.8',
  'python3.9',
  'python3.10',
  'python3.11',
  'python3.12',
  'python3.13',
  'python3.14',
];

/** AWS has (or had) these; Treadle does not run them. */
const OTHER_AWS_RUNTIME =
  /^(?:nodejs(?:\d+\.x|\d+\.\d+|)(?:-edge)?|python\d(?:\.\d+)?|java\d+(?:\.al2)?|dotnet(?:core)?\d+(?:\.\d+)?|go1\.x|ruby\d\.\d|provided(?:\.al2|\.al2023)?)$/;

/** Throws InvalidParameterValueException for a runtime that is not run here. */
export function parseRuntime(name: string): Runtime {
  if (JAVASCRIPT_RUNTIMES.includes(name)) return { name, language: 'javascript', version: name.slice(6, -2) };
  if (PYTHON_RUNTIMES.includes(name)) return { name, language: 'python', version: name.slice(6) };
  const known = [...JAVASCRIPT_RUNTIMES, ...PYTHON_RUNTIMES].join(', ');
  if (OTHER_AWS_RUNTIME.test(name)) {
    throw invalidParameter(
      `Expected a runtime that Treadle runs (${known}), but got '${name}'. ` +
        'Port the handler to one of these, or let its Task call an AWS endpoint.',
    );
  }
  throw invalidParameter(
    `Value ${name} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [${known}] or be a valid ARN`,
  );
}

/** A program that runs the code, with a line to log when its version is not the one asked for. */
export interface Interpreter {
  readonly command: string;
  /** `20`, `3.11`. */
  readonly version: string;
  readonly warning: string | null;
}

/** The interpreter for a runtime. Throws FunctionRefusal when there is none on this machine. */
export async function findInterpreter(runtime: Runtime, path: string | undefined): Promise<Interpreter> {
  if (runtime.language === 'javascript') {
    const major = process.versions.node.split('.')[0] ?? '';
    return {
      command: process.execPath,
      version: major,
      warning: versionWarning(runtime, major, `Node.js ${process.versions.node}`),
    };
  }
  for (const command of [`python${runtime.version}`, 'python3']) {
    const found = await askPython(command, path);
    if (found === null || !isUsablePython(found.version)) continue;
    const { executable: program, version } = found;
    return { command: program, version, warning: versionWarning(runtime, version, `Python ${version}`) };
  }
  throw new FunctionRefusal(
    'InvalidRuntimeException',
    `Expected Python 3.8 or newer on the PATH for the runtime '${runtime.name}', but there is none. Install Python 3.`,
    502,
  );
}

function versionWarning(runtime: Runtime, version: string, shown: string): string | null {
  if (version === runtime.version) return null;
  return `WARNING: the function asks for ${runtime.name}, which is not installed; it runs on ${shown}.`;
}

function isUsablePython(version: string): boolean {
  const [major, minor] = version.split('.').map(Number);
  return major === 3 && minor !== undefined && minor >= 8;
}

interface Python {
  /** The real program behind shims and links: version managers' shims cost 50 ms each time. */
  readonly executable: string;
  readonly version: string;
}

const pythons = new Map<string, Promise<Python | null>>();

/** Asked once per command and search path in the life of the server. */
function askPython(command: string, path: string | undefined): Promise<Python | null> {
  const key = `${command}\n${path ?? ''}`;
  let asked = pythons.get(key);
  if (asked === undefined) {
    asked = new Promise((resolve) => {
      const question = "import sys; print(sys.executable); print('%d.%d' % sys.version_info[:2])";
      execFile(
        command,
        ['-I', '-c', question],
        { timeout: 10_000, env: { ...process.env, PATH: path } },
        (error, out) => {
          const [executable, version] = out.split('\n');
          resolve(error || !executable || !version ? null : { executable, version });
        },
      );
    });
    pythons.set(key, asked);
  }
  return asked;
}
