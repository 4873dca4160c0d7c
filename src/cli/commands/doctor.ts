import type { Command } from 'commander';
import { type CommandTools, newCommand, wholeNumber } from '../command.js';
import { clientOf, type ServerOptions, writeJson } from '../context.js';
import { type Finding, findings } from '../doctor.js';
import { EXIT } from '../exit-codes.js';
import type { Colors } from '../terminal.js';

interface DoctorOptions extends ServerOptions {
  readonly port: number;
  readonly data: string;
}

const PORT_DEFAULT = 4566;
const PORT_MAX = 65_535;

export function doctorCommand({ context, finish }: CommandTools): Command {
  return newCommand({
    name: 'doctor',
    description: 'look at this machine: runtimes, port, data folder and disk, AWS clients, the server',
    examples: ['treadle doctor', 'treadle doctor --port 4600 --data ./shop-data --json'],
  })
    .option('--port <number>', 'the port that `up` would take', wholeNumber({ min: 1, max: PORT_MAX }), PORT_DEFAULT)
    .option('--data <folder>', 'the data folder', './.treadle')
    .option('--endpoint <url>', 'the server (default: the port on 127.0.0.1)')
    .option('--json', 'print JSON, one object per line')
    .action(async (options: DoctorOptions) => {
      const endpoint = options.endpoint ?? `http://127.0.0.1:${options.port}`;
      const client = clientOf(context, { ...options, endpoint });
      const { environment, folder } = context;
      let isWell = true;
      for await (const finding of findings({
        client,
        port: options.port,
        dataFolder: options.data,
        environment,
        folder,
      })) {
        isWell &&= finding.verdict !== 'bad';
        if (options.json === true) writeJson(context, finding);
        else for (const line of findingLines(finding, context.terminal.colors)) context.terminal.line(line);
      }
      finish(isWell ? EXIT.succeeded : EXIT.failed);
    });
}

function findingLines({ verdict, subject, text, cure }: Finding, colors: Colors): string[] {
  const sign = { good: colors.green('✓'), remark: colors.yellow('!'), bad: colors.red('✗') }[verdict];
  const line = `${sign} ${subject.padEnd(12)} ${text}`;
  return cure === null ? [line] : [line, `  ${' '.repeat(12)} ${colors.dim(cure)}`];
}
