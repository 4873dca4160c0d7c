import type { FunctionRecords } from '../functions/index.js';
import type { RecordStore } from '../store/ports.js';

const FUNCTIONS = 'function';
const PAGE = 1000;

/** Functions lie in the one store, beside everything else that must survive. */
export function functionRecords(records: RecordStore): FunctionRecords {
  return {
    write: (changes) =>
      records.write(
        changes.map(({ key, text }) =>
          text === null
            ? { type: 'delete', collection: FUNCTIONS, key }
            : { type: 'put', collection: FUNCTIONS, key, value: text, expect: 'any' },
        ),
      ),
    async list() {
      const found: { key: string; text: string }[] = [];
      for (let after: string | null = null; ; ) {
        const page = await records.scan({ collection: FUNCTIONS, prefix: '', after, limit: PAGE });
        found.push(...page.map(({ key, value }) => ({ key, text: value })));
        after = page.at(-1)?.key ?? null;
        if (page.length < PAGE) return found;
      }
    },
  };
}
