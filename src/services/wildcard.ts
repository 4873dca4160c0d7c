/** Whether the text fits a pattern of AWS's policies: `*` is any text, `?` any character. Linear but for the last `*`. */
export function matchesWildcard(pattern: string, text: string): boolean {
  let at = 0;
  let star = -1;
  let resume = 0;
  let p = 0;
  while (at < text.length) {
    const char = pattern[p];
    if (char === '*') {
      star = p;
      p += 1;
      resume = at;
    } else if (char === '?' || char === text[at]) {
      p += 1;
      at += 1;
    } else if (star >= 0) {
      p = star + 1;
      resume += 1;
      at = resume;
    } else return false;
  }
  while (pattern[p] === '*') p += 1;
  return p === pattern.length;
}
