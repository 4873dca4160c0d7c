import type { Command } from 'commander';
import type { DeployReport } from '../../api/treadle/index.js';
import { usageError } from '../cli-error.js';
import { type CommandTools, collectPair, newCommand, withServer } from '../command.js';
import { clientOf, regionOf, type ServerOptions, writeJson } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { templateFile } from '../template-file.js';
import { deployLines, isDeployed } from '../views/deploy-lines.js';

/** What `up` and `deploy` say about the template alike. */
export interface TemplateOptions {
  readonly parameter?: Readonly<Record<string, string>>;
  readonly allowUnsupported?: boolean;
  readonly fill?: boolean;
  readonly stack?: readonly string[];
}

export const withTemplate = (command: Command): Command =>
  command
    .option('--parameter <Name=value>', 'a parameter of the template; repeatable', collectPair)
    .option('--allow-unsupported', 'keep resources that Treadle does not run, without effect, instead of refusing them')
    .option('--fill', "fill placeholders pasted from documents (region:account, {region}) with this server's own")
    .option('--stack <name>', 'of a CDK assembly: this stack and what it depends on; repeatable', collectName, []);

export const collectName = (name: string, names: readonly string[]): readonly string[] => [...names, name];

export function deployCommand({ context, finish }: CommandTools): Command {
  return withTemplate(
    withServer(
      newCommand({
        name: 'deploy',
        argument: ['[template]', 'default: ./template.yaml'],
        description: 'deploy a template (SAM, CloudFormation) or a CDK assembly; again changes only what changed',
        examples: ['treadle deploy', 'treadle deploy cdk.out --stack Shop'],
      }),
    ),
  ).action(async (given: string | undefined, options: ServerOptions & TemplateOptions) => {
    const template = templateFile(context.folder, given);
    if (template === null)
      throw usageError('Expected a template, but there is no template.yaml here. Name one: treadle deploy <file>');
    const request = {
      template,
      parameters: options.parameter ?? {},
      region: regionOf(context, options),
      allowUnsupported: options.allowUnsupported === true,
      fill: options.fill === true,
      stacks: options.stack ?? [],
    };
    const report = await clientOf(context, options).postFollowed<DeployReport>('/api/deploy', request, (line) =>
      context.terminal.problem(line),
    );
    const isDone = isDeployed(report);
    if (options.json === true) writeJson(context, report);
    else {
      context.terminal.line(
        isDone ? `Deployed ${template} to ${report.region}` : `Nothing was deployed of ${template}`,
      );
      for (const line of deployLines(report, context.terminal.colors)) context.terminal.line(line);
      if (report.canBeKept)
        context.terminal.line('  To keep what Treadle does not run without effect: --allow-unsupported');
    }
    finish(isDone ? EXIT.succeeded : EXIT.failed);
  });
}
