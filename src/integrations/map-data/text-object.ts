import type { ObjectReader } from './ports.js';

/** A store whose every object is this text: for items that a caller gives in place of S3 (TestState's mapItemReaderData). */
export const textObject = (text: string): ObjectReader => ({
  async getObject() {
    const bytes = Buffer.from(text);
    return {
      bytes: bytes.length,
      body: (async function* () {
        yield bytes;
      })(),
    };
  },
  async listObjects() {
    return { objects: [], isTruncated: false };
  },
});
