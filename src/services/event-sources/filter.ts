import { entriesOf, isObject, JsonSyntaxError, type JsonValue, parseJson } from '../../payload/index.js';
import type { QueueMessage } from '../ports.js';
import { recordText } from './batch.js';
import { invalidMapping } from './fault.js';

export type PatternParser = (text: string) => { matches(event: JsonValue): boolean };

/** Whether one of the patterns matches; a pattern over a body's fields looks into a body that is a JSON object. Throws EventSourceFault. */
export function filterOf(
  filters: readonly string[],
  sourceArn: string,
  parse: PatternParser,
): (message: QueueMessage) => boolean {
  const matches = anyPattern(filters, parse);
  if (matches === null) return () => true;
  return (message) => {
    const record = parseJson(recordText(sourceArn, message));
    const body = objectIn(message.body);
    const event: JsonValue =
      body !== null && isObject(record) ? new Map([...entriesOf(record), ['body', body]]) : record;
    return matches(event);
  };
}

/** Null without patterns. Throws EventSourceFault. */
export function anyPattern(filters: readonly string[], parse: PatternParser): ((event: JsonValue) => boolean) | null {
  const patterns = filters.map((text) => {
    try {
      return parse(text);
    } catch (fault) {
      const why = fault instanceof Error ? fault.message : String(fault);
      throw invalidMapping(`Invalid filter pattern definition. ${why}`);
    }
  });
  return patterns.length === 0 ? null : (event) => patterns.some((pattern) => pattern.matches(event));
}

function objectIn(text: string): JsonValue | null {
  try {
    const value = parseJson(text);
    return isObject(value) ? value : null;
  } catch (fault) {
    if (fault instanceof JsonSyntaxError) return null;
    throw fault;
  }
}
