import type { FunctionRecords } from '../functions/index.js';
import type { RecordStore } from '../store/ports.js';

const FUNCTIONS = 'function';
const PAGE = 1000;

/** Functions' configurations lie in the one store, beside everything else that must survive. */
export function functionRecords(records: RecordStore): FunctionRecords {
  return {
    put: (key, value) => records.write([{ type: 'put', collection: FUNCTIONS, key, value, expect: 'any' }]),
    remove: (key) => records.write([{ type: 'delete', collection: FUNCTIONS, key }]),
    async list() {
      const texts: string[] = [];
      for (let after: string | null = null; ; ) {
        const page = await records.scan({ collection: FUNCTIONS, prefix: '', after, limit: PAGE });
        texts.push(...page.map((row) => row.value));
        after = page.at(-1)?.key ?? null;
        if (page.length < PAGE) return texts;
      }
    },
  };
}
