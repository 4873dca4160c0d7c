import type { Command } from 'commander';
import { type CommandTools, newCommand } from '../command.js';
import { ENDPOINT_DEFAULT, regionOf, writeJson } from '../context.js';
import { EXIT } from '../exit-codes.js';

interface EnvOptions {
  readonly endpoint?: string;
  readonly region?: string;
  readonly shell?: boolean;
  readonly json?: boolean;
}

/** What AWS clients read. The last one keeps them from putting `sync-` in front of the host name. */
export const clientEnvironment = (endpoint: string, region: string): Readonly<Record<string, string>> => ({
  AWS_ENDPOINT_URL: endpoint,
  AWS_REGION: region,
  AWS_DEFAULT_REGION: region,
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_DISABLE_HOST_PREFIX_INJECTION: 'true',
});

export function envCommand({ context, finish }: CommandTools): Command {
  return newCommand({
    name: 'env',
    description: 'print the environment that points aws, boto3 and the AWS SDKs here',
    examples: ['eval "$(treadle env --shell)"', 'treadle env > .env'],
  })
    .option('--shell', 'as export commands for a shell')
    .option('--endpoint <url>', `the server (default: ${ENDPOINT_DEFAULT})`)
    .option('--region <region>', 'default: $AWS_REGION or us-east-1')
    .option('--json', 'as one JSON object')
    .action((options: EnvOptions) => {
      const variables = clientEnvironment(options.endpoint ?? ENDPOINT_DEFAULT, regionOf(context, options));
      if (options.json === true) writeJson(context, variables);
      else
        for (const [name, value] of Object.entries(variables))
          context.terminal.line(options.shell === true ? `export ${name}=${quoted(value)}` : `${name}=${value}`);
      finish(EXIT.succeeded);
    });
}

/** For a POSIX shell; plain words stay as they are. */
const quoted = (value: string): string =>
  /^[\w@%+=:,./-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`;
