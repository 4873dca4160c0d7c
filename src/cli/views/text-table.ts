/** Columns under their headings, two blanks apart, without trailing blanks. The last column is cut to fit `columns`. */
export function textTable(
  headings: readonly string[],
  rows: ReadonlyArray<readonly string[]>,
  columns: number,
): string[] {
  const all = [headings, ...rows];
  const widths = headings.map((_, index) => Math.max(...all.map((row) => printedWidth(row[index] ?? ''))));
  const before = widths.slice(0, -1).reduce((sum, width) => sum + width + 2, 0);
  const lastWidth = Math.max(20, columns - before);
  return all.map((row) =>
    row
      .map((cell, index) => (index === widths.length - 1 ? cut(cell, lastWidth) : padded(cell, widths[index] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}

/** At most `width` characters; an ellipsis shows that something is missing. */
export function cut(text: string, width: number): string {
  return printedWidth(text) <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}

const padded = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - printedWidth(text)));

/** Characters on screen: colour codes take no place. */
const printedWidth = (text: string): number => text.replaceAll(COLOR_CODE, '').length;
const COLOR_CODE = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g');
