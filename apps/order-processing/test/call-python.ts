import { spawnSync } from 'node:child_process';
import { applicationFolder } from './application-files.js';

const bootstrap = `
import importlib, json, sys
sys.path.insert(0, sys.argv[1])
sys.dont_write_bytecode = True
module = importlib.import_module(sys.argv[2])
try:
    answer = {"output": module.lambda_handler(json.load(sys.stdin), None)}
except Exception as error:
    answer = {"error": type(error).__name__, "message": str(error)}
sys.stderr.write(json.dumps(answer))
`;

export interface PythonAnswer {
  readonly output?: unknown;
  readonly error?: string;
  readonly message?: string;
  /** What the handler printed. */
  readonly printed: string;
}

/** Calls the `lambda_handler` of a module in `functions/` as Lambda would: JSON in, JSON or an error out. */
export function callPython(
  module: { readonly folder: string; readonly name: string },
  event: unknown,
  environment: Readonly<Record<string, string>> = {},
): PythonAnswer {
  const child = spawnSync('python3', ['-c', bootstrap, `${applicationFolder}functions/${module.folder}`, module.name], {
    input: JSON.stringify(event),
    encoding: 'utf8',
    env: { PATH: process.env.PATH, ...environment },
  });
  if (child.status !== 0)
    throw new Error(`Expected python3 to end with 0, but it ended with ${child.status}: ${child.stderr}`);
  return { ...(JSON.parse(child.stderr) as Omit<PythonAnswer, 'printed'>), printed: child.stdout };
}
