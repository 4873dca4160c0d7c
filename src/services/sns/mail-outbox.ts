import { mkdir, open, readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Mailer, MailOutcome, OutgoingMail } from '../ports.js';

/** A mail that Treadle wrote instead of sending it. */
export interface Mail {
  /** The file's name without `.eml`; mails sort by it in the order they were written. */
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly body: string;
}

export interface MailQuery {
  /** The id of the last mail already seen; null = from the beginning. */
  readonly after?: string | null;
  readonly limit: number;
  /** `oldest` first (to follow what comes) unless told otherwise. */
  readonly order?: 'oldest' | 'newest';
}

const SUFFIX = '.eml';

/** A folder of mails, one readable text file each. */
export class MailOutbox implements Mailer {
  #isReady: Promise<unknown> | null = null;

  constructor(readonly folder: string) {}

  /** Written to the disk when it resolves. The same id again replaces the file: a repeated delivery makes no second mail. */
  async send(mail: OutgoingMail): Promise<MailOutcome> {
    this.#isReady ??= mkdir(this.folder, { recursive: true });
    await this.#isReady;
    const path = join(this.folder, `${mail.id}${SUFFIX}`);
    const file = await open(`${path}.part`, 'w');
    try {
      await file.writeFile(textOf(mail));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(`${path}.part`, path);
    return { type: 'sent' };
  }

  async mails({ after = null, limit, order = 'oldest' }: MailQuery): Promise<readonly Mail[]> {
    const ids = (await this.#files()).map((name) => name.slice(0, -SUFFIX.length)).sort();
    if (order === 'newest') ids.reverse();
    const rest = after === null ? ids : ids.filter((id) => (order === 'newest' ? id < after : id > after));
    return Promise.all(rest.slice(0, limit).map(async (id) => parseMail(id, await this.#read(id))));
  }

  #read(id: string): Promise<string> {
    return readFile(join(this.folder, `${id}${SUFFIX}`), 'utf8');
  }

  async #files(): Promise<string[]> {
    try {
      return (await readdir(this.folder)).filter((name) => name.endsWith(SUFFIX));
    } catch (fault) {
      if (fault instanceof Error && 'code' in fault && fault.code === 'ENOENT') return [];
      throw fault;
    }
  }
}

/** Plain text where there is any: a person reads it. HTML follows it, as mail clients expect. */
function textOf({ from, to, cc, replyTo, subject, at, body, html }: OutgoingMail): string {
  const isBoth = html !== undefined && body !== '';
  const type = isBoth ? `multipart/alternative; boundary="${BOUNDARY}"` : `${html === undefined ? PLAIN : HTML}`;
  const headers = [
    `From: ${oneLine(from)}`,
    `To: ${oneLine(to)}`,
    ...(cc === undefined ? [] : [`Cc: ${oneLine(cc)}`]),
    ...(replyTo === undefined ? [] : [`Reply-To: ${oneLine(replyTo)}`]),
    `Subject: ${oneLine(subject)}`,
    `Date: ${new Date(at).toISOString()}`,
    'MIME-Version: 1.0',
    `Content-Type: ${type}`,
    'Content-Transfer-Encoding: 8bit',
  ];
  const part = (of: string, text: string): string => `--${BOUNDARY}\nContent-Type: ${of}\n\n${text}\n`;
  const content = isBoth ? `${part(PLAIN, body)}${part(HTML, html)}--${BOUNDARY}--` : (html ?? body);
  return `${headers.join('\n')}\n\n${content}\n`;
}

const PLAIN = 'text/plain; charset=utf-8';
const HTML = 'text/html; charset=utf-8';
const BOUNDARY = '=_treadle_alternative';

/** No line break may end a header and begin another one. */
const oneLine = (text: string): string => text.replace(/[\r\n]+/g, ' ');

function parseMail(id: string, text: string): Mail {
  const gap = text.indexOf('\n\n');
  const head = gap < 0 ? text : text.slice(0, gap);
  const header = (name: string): string =>
    head
      .split('\n')
      .find((line) => line.startsWith(`${name}: `))
      ?.slice(name.length + 2) ?? '';
  return {
    id,
    from: header('From'),
    to: header('To'),
    subject: header('Subject'),
    at: Date.parse(header('Date')) || 0,
    body: gap < 0 ? '' : bodyOf(header('Content-Type'), text.slice(gap + 2)),
  };
}

/** Of several forms the first one, which is plain text. */
function bodyOf(contentType: string, text: string): string {
  if (!contentType.startsWith('multipart/')) return text.replace(/\n$/, '');
  const [, first = ''] = text.split(`--${BOUNDARY}\n`);
  return first.slice(first.indexOf('\n\n') + 2).replace(/\n$/, '');
}
