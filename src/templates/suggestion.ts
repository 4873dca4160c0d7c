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

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
