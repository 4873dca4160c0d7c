import type { Command } from 'commander';
import type { MailsPage } from '../../api/treadle/index.js';
import { PAGE_ITEMS_MAX } from '../../limits.js';
import { type CommandTools, newCommand, wholeNumber, withServer } from '../command.js';
import { clientOf, type ServerOptions, writeJson } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { dateText } from '../views/durations.js';

interface MailOptions extends ServerOptions {
  readonly limit: number;
}

const LIMIT_DEFAULT = 10;

export function mailCommand({ context, finish }: CommandTools): Command {
  return withServer(
    newCommand({
      name: 'mail',
      description: 'read the outbox: mails that topics sent, newest first (nothing leaves this machine)',
      examples: ['treadle mail', 'treadle mail --limit 1 --json'],
    }).option('--limit <count>', 'at most so many', wholeNumber({ min: 1, max: PAGE_ITEMS_MAX }), LIMIT_DEFAULT),
  ).action(async (options: MailOptions) => {
    const { mails } = await clientOf(context, options).get<MailsPage>('/api/mail', { limit: options.limit });
    const { terminal } = context;
    if (options.json === true) for (const mail of mails) writeJson(context, mail);
    else if (mails.length === 0) terminal.line('No mails yet.');
    else
      for (const mail of mails) {
        terminal.line(
          `${terminal.colors.bold(mail.subject)}  ${terminal.colors.dim(`to ${mail.to}, ${dateText(mail.at)}`)}`,
        );
        for (const line of mail.text.trimEnd().split('\n')) terminal.line(`  ${line}`);
      }
    finish(EXIT.succeeded);
  });
}
