/**
 * The part of a cause that a person wants to read: a function's error object becomes `Type: message`,
 * other texts their first line.
 */
export function causeText(cause: string): string {
  const parsed = parseObject(cause);
  if (parsed !== null) {
    const message = Reflect.get(parsed, 'errorMessage');
    if (typeof message === 'string') return firstLine(message);
  }
  return firstLine(cause);
}

/** `Error: cause`, or what there is of the two. */
export function failureText(error: string | null | undefined, cause: string | null | undefined): string {
  const parts = [error ?? '', cause === null || cause === undefined ? '' : causeText(cause)].filter(
    (part) => part !== '',
  );
  return parts.join(': ');
}

const firstLine = (text: string): string => text.split('\n', 1)[0] ?? '';

function parseObject(text: string): object | null {
  if (!text.startsWith('{')) return null;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
}
