import { TABLE_TOKEN_MS } from '../../../limits/services.js';
import type { RecordStore, RecordWrite } from '../../../store/ports.js';
import { putJson } from '../../../store/record-writes.js';
import type { Clock } from '../../ports.js';
import { idempotentMismatch } from '../fault.js';
import type { Locks } from '../items/locks.js';

const TOKENS = 'dynamodb.token';
const SWEEP_ROWS = 200;

interface Token {
  readonly at: number;
  /** Of the request. */
  readonly digest: string;
}

export interface TokenedWrite {
  readonly region: string;
  readonly token: string;
  readonly digest: string;
  /** Writes these too, in the same transaction. */
  readonly write: (more: readonly RecordWrite[]) => Promise<object>;
  /** The answer where it was written before. */
  readonly repeated: () => object;
}

/** ClientRequestTokens: a transaction that comes again within ten minutes is done once, also over a crash. */
export class RequestTokens {
  constructor(
    private readonly records: Pick<RecordStore, 'get' | 'scan' | 'write'>,
    private readonly clock: Clock,
    private readonly locks: Locks,
  ) {}

  /** Throws IdempotentParameterMismatchException when the token came with another request. */
  once({ region, token, digest, write, repeated }: TokenedWrite): Promise<object> {
    const key = `${region}/${token}`;
    return this.locks.hold([`token ${key}`], async () => {
      const text = await this.records.get(TOKENS, encodeURIComponent(key));
      const before = text === null ? null : (JSON.parse(text) as Token); // our own text
      const now = this.clock.now();
      if (before === null || now - before.at >= TABLE_TOKEN_MS) {
        return write([putJson(TOKENS, encodeURIComponent(key), { at: now, digest } satisfies Token)]);
      }
      if (before.digest === digest) return repeated();
      throw idempotentMismatch(
        'The request has the ClientRequestToken of another request of the last ten minutes, with other parameters.',
      );
    });
  }

  /** Deletes tokens that say nothing any more. */
  async sweep(): Promise<void> {
    const before = this.clock.now() - TABLE_TOKEN_MS;
    for (let after: string | null = null; ; ) {
      const rows = await this.records.scan({ collection: TOKENS, prefix: '', after, limit: SWEEP_ROWS });
      const old = rows.filter(({ value }) => (JSON.parse(value) as Token).at < before);
      if (old.length > 0) {
        await this.records.write(old.map(({ key }) => ({ type: 'delete', collection: TOKENS, key })));
      }
      after = rows.at(-1)?.key ?? null;
      if (rows.length < SWEEP_ROWS) return;
    }
  }
}
