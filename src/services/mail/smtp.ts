import type { SentMessageInfo, Transporter } from 'nodemailer';
import { SMTP_MS_MAX } from '../../limits.js';
import type { Mailer, MailOutcome, OutgoingMail } from '../ports.js';

/** Where mails go: a server of SMTP, and who sends them where nobody says so. */
export interface SmtpSettings {
  /** `smtp://user:password@host:port` or `smtps://…`. */
  readonly url: string;
  /** Null: as the service says. */
  readonly from: string | null;
}

/** `smtp://user:password@mail.example:587?from=alerts@example.com`. Throws with what is wrong. */
export function parseSmtp(text: string): SmtpSettings {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== 'smtp:' && url.protocol !== 'smtps:') || url.hostname === '') {
    throw new Error(
      "Expected a URL such as 'smtp://user:password@mail.example:587?from=alerts@example.com', but it is none.",
    );
  }
  const from = url.searchParams.get('from');
  url.searchParams.delete('from');
  return { url: url.toString(), from };
}

/** Sends mails by SMTP. A repeated attempt sends the mail again, with the same Message-ID. */
export class SmtpMailer implements Mailer {
  #transport: Promise<Transporter<SentMessageInfo>> | null = null;

  constructor(private readonly settings: SmtpSettings) {}

  async send(mail: OutgoingMail): Promise<MailOutcome> {
    const { id, to, cc, bcc, replyTo, subject, at, body, html } = mail;
    try {
      this.#transport ??= openTransport(this.settings);
      const transport = await this.#transport;
      await transport.sendMail({
        messageId: `<${id}@treadle>`,
        from: this.settings.from ?? mail.from,
        to,
        cc,
        bcc,
        replyTo,
        subject,
        date: new Date(at),
        ...(body !== '' || html === undefined ? { text: body } : {}),
        ...(html !== undefined && { html }),
      });
      return { type: 'sent' };
    } catch (fault) {
      const code = fault instanceof Error && 'responseCode' in fault ? Number(fault.responseCode) : 0;
      if (code >= 500) return { type: 'refused', reason: fault instanceof Error ? fault.message : String(fault) };
      throw fault;
    }
  }
}

/** The library is loaded with the first mail: most servers and all other commands do without it. */
async function openTransport({ url }: SmtpSettings): Promise<Transporter<SentMessageInfo>> {
  const { createTransport } = await import('nodemailer');
  const times = { connectionTimeout: SMTP_MS_MAX, greetingTimeout: SMTP_MS_MAX, socketTimeout: SMTP_MS_MAX };
  // What is in a mail is text: nothing of it may be read from this machine or fetched.
  return createTransport({ url, ...times, disableFileAccess: true, disableUrlAccess: true });
}
