import { randomUUID } from 'node:crypto';
import { MAIL_BYTES_MAX, MAIL_RECIPIENTS_MAX } from '../../limits.js';
import type { RecordStore } from '../../store/ports.js';
import { Performed } from '../performed.js';
import type { Clock, Mailer } from '../ports.js';

/** A mail as a client of SES asks for it. */
export interface SesMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly cc: readonly string[];
  readonly bcc: readonly string[];
  readonly replyTo: readonly string[];
  readonly subject: string;
  readonly text: string | null;
  readonly html: string | null;
}

/** What SES refuses: the message says why. */
export class SesFault extends Error {
  override readonly name = 'SesFault';
  constructor(
    /** `rejected` when the mail server would not have it. */
    readonly kind: 'invalid' | 'rejected',
    message: string,
  ) {
    super(message);
  }
}

/** Sends mails for clients of SES. Addresses need no verification: the mail server, if there is one, decides who may send. */
export class Ses {
  readonly #performed: Performed;

  constructor(
    private readonly options: {
      readonly records: RecordStore;
      readonly clock: Clock;
      readonly mailer: Mailer;
      readonly report: (line: string) => void;
    },
  ) {
    this.#performed = new Performed(options.records, options.clock, 'ses.performed');
    this.#performed.start(options.report);
  }

  close(): void {
    this.#performed.stop();
  }

  /** Sent or written when it resolves, with its message id. With the same key again: the first id, and nothing is sent. Throws SesFault. */
  async send(mail: SesMail, { key }: { readonly key?: string } = {}): Promise<string> {
    checkMail(mail);
    const before = key === undefined ? null : await this.#performed.find(key);
    if (before !== null) return before;
    const at = this.options.clock.now();
    const messageId = `${at.toString(16).padStart(16, '0')}-${randomUUID()}-000000`;
    await this.#deliver(mail, { id: `${String(at).padStart(13, '0')}.${messageId}`, at });
    await this.#performed.once(key, messageId, []);
    return messageId;
  }

  async #deliver(
    { from, to, cc, bcc, replyTo, subject, text, html }: SesMail,
    { id, at }: { readonly id: string; readonly at: number },
  ): Promise<void> {
    const list = (name: string, addresses: readonly string[]) =>
      addresses.length > 0 ? { [name]: addresses.join(', ') } : {};
    const outcome = await this.options.mailer.send({
      id,
      at,
      from,
      to: to.join(', '),
      ...list('cc', cc),
      ...list('bcc', bcc),
      ...list('replyTo', replyTo),
      subject,
      body: text ?? '',
      ...(html !== null && { html }),
    });
    if (outcome.type === 'refused') throw new SesFault('rejected', outcome.reason);
  }
}

/** A bare address, or one with a name: `Jo <jo@shop.example>`. */
const ADDRESS = /^(?:[^\r\n<>]*<[^\s@<>]+@[^\s@<>]+>|[^\s@<>,]+@[^\s@<>,]+)$/;

function checkMail(mail: SesMail): void {
  const recipients = [...mail.to, ...mail.cc, ...mail.bcc];
  if (recipients.length === 0) throw new SesFault('invalid', 'Missing final: there is no recipient.');
  if (recipients.length > MAIL_RECIPIENTS_MAX) {
    throw new SesFault('invalid', `Recipient count exceeds ${MAIL_RECIPIENTS_MAX}.`);
  }
  for (const address of [mail.from, ...recipients, ...mail.replyTo]) {
    if (!ADDRESS.test(address)) throw new SesFault('invalid', `Illegal address: '${address.slice(0, 320)}'`);
  }
  if (mail.text === null && mail.html === null)
    throw new SesFault('invalid', 'Empty required body: neither text nor HTML.');
  const bytes =
    Buffer.byteLength(mail.text ?? '') + Buffer.byteLength(mail.html ?? '') + Buffer.byteLength(mail.subject);
  if (bytes > MAIL_BYTES_MAX)
    throw new SesFault('invalid', `Message length is more than ${MAIL_BYTES_MAX} bytes long: '${bytes}'.`);
}
