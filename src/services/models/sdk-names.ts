/**
 * What Step Functions' AWS SDK integrations call a member of the service model, as the AWS SDK for Java 2 makes its names: the capital
 * letters at the beginning are a word (`DBInstances` → `DbInstances`), the rest stays (`ChecksumCRC32`, `executionArn` → `ExecutionArn`).
 */
export function sdkMemberName(name: string): string {
  const [first = '', ...rest] = name;
  let at = 0;
  // A capital letter that a small one follows begins the next word.
  while (at < rest.length && isCapital(rest[at]) && !(at + 1 < rest.length && isSmall(rest[at + 1]))) at += 1;
  return first.toUpperCase() + rest.slice(0, at).join('').toLowerCase() + rest.slice(at).join('');
}

/** What that SDK calls a class (a service, an exception): its words, each with a capital letter and the rest small (`DynamoDB` → `DynamoDb`). */
export function sdkClassName(name: string): string {
  return wordsOf(name)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase())
    .join('');
}

const isCapital = (char: string | undefined): boolean => char !== undefined && char >= 'A' && char <= 'Z';
const isSmall = (char: string | undefined): boolean => char !== undefined && char >= 'a' && char <= 'z';

/** A word ends before a capital letter, an acronym before its successor's capital letter, a number after its last digit. */
function wordsOf(name: string): readonly string[] {
  return name
    .replace(/[^A-Za-z0-9]+/g, ' ')
    .replace(/([^a-z]{2,})v([0-9]+)/g, '$1 v$2 ')
    .replace(/([^A-Z]{2,})V([0-9]+)/g, '$1 V$2 ')
    .replace(/([a-z])(?=[A-Z][A-Za-z0-9])/g, '$1 ')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .replace(/([0-9])([A-Za-z])/g, '$1 $2')
    .split(' ')
    .filter((word) => word !== '');
}
