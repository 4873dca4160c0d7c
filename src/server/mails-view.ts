import type { MailsPage, MailsQuery } from '../api/treadle/index.js';
import type { MailOutbox } from '../services/sns/mail-outbox.js';

/** The mails that Treadle wrote instead of sending them, newest first. */
export async function mailsPage(outbox: MailOutbox, { limit, after }: MailsQuery): Promise<MailsPage> {
  const page = await outbox.mails({ limit: limit + 1, after, order: 'newest' });
  const mails = page.slice(0, limit).map(({ body, ...mail }) => ({ ...mail, text: body }));
  return { mails, next: page.length > limit ? (mails.at(-1)?.id ?? null) : null };
}
