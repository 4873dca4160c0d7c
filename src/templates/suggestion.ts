import { editDistance } from '../language/edit-distance.js';

/** ` Did you mean 'X'?` for the nearest of `words` within a third of the length in edits; else an empty text. */
export function suggestion(word: string, words: Iterable<string>): string {
  let nearest: string | null = null;
  let editsMin = Math.max(Math.min(1, word.length - 1), Math.floor(word.length / 3)) + 1;
  for (const candidate of words) {
    const edits = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (edits < editsMin) {
      nearest = candidate;
      editsMin = edits;
    }
  }
  return nearest === null ? '' : ` Did you mean '${nearest}'?`;
}
