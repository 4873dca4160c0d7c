import { mkdir, open, readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';

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
export class MailOutbox {
  #isReady: Promise<unknown> | null = null;

  constructor(readonly folder: string) {}

  /** Written to the disk when it resolves. The same id again replaces the file: a repeated delivery makes no second mail. */
  async write(mail: Mail): Promise<void> {
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

function textOf({ from, to, subject, at, body }: Mail): string {
  const headers = [
    `From: ${oneLine(from)}`,
    `To: ${oneLine(to)}`,
    `Subject: ${oneLine(subject)}`,
    `Date: ${new Date(at).toISOString()}`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: 8bit',
  ];
  return `${headers.join('\n')}\n\n${body}\n`;
}

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
    body: gap < 0 ? '' : text.slice(gap + 2).replace(/\n$/, ''),
  };
}
