import { isObject, type JsonObject, type JsonValue, keysOf, memberOf } from '../payload/index.js';

/** What topics and queues have in common. */
export interface MessageAttribute {
  readonly dataType: string;
  readonly stringValue?: string;
  /** Base64. */
  readonly binaryValue?: string;
}

export const isTextOrNothing = (value: JsonValue | undefined): boolean =>
  value === undefined || value === null || typeof value === 'string';

export function textOf(object: JsonObject, name: string): string | undefined {
  const value = memberOf(object, name);
  return typeof value === 'string' ? value : undefined;
}

/** Why these fields cannot be sent: texts that are none, and MessageAttributes of another form. */
export function messageFaults(parameters: JsonObject, texts: readonly string[]): readonly string[] {
  const faults: string[] = [];
  for (const name of texts) {
    if (!isTextOrNothing(memberOf(parameters, name))) faults.push(`The value for the field '${name}' must be a STRING`);
  }
  const attributes = memberOf(parameters, 'MessageAttributes') ?? {};
  if (!isObject(attributes)) return [...faults, "The value for the field 'MessageAttributes' must be an OBJECT"];
  for (const name of keysOf(attributes)) {
    const attribute = memberOf(attributes, name);
    const isUsable =
      isObject(attribute) &&
      ['DataType', 'StringValue', 'BinaryValue'].every((part) => isTextOrNothing(memberOf(attribute, part)));
    if (!isUsable) faults.push(`The value of the field '${name}' has an invalid format`);
  }
  return faults;
}

/** Of checked parameters. */
export function attributesOf(parameters: JsonObject): Record<string, MessageAttribute> {
  const given = memberOf(parameters, 'MessageAttributes') ?? null;
  const attributes: [string, MessageAttribute][] = [];
  if (isObject(given)) {
    for (const name of keysOf(given)) {
      const attribute = memberOf(given, name);
      if (!isObject(attribute)) continue;
      const [stringValue, binaryValue] = [textOf(attribute, 'StringValue'), textOf(attribute, 'BinaryValue')];
      attributes.push([
        name,
        {
          dataType: textOf(attribute, 'DataType') ?? '',
          ...(stringValue === undefined ? {} : { stringValue }),
          ...(binaryValue === undefined ? {} : { binaryValue }),
        },
      ]);
    }
  }
  return Object.fromEntries(attributes);
}
