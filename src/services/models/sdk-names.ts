/**
 * What Step Functions' AWS SDK integrations call a member of the service model: its words, each with a capital letter and the
 * rest small (`DBInstances` → `DbInstances`, `executionArn` → `ExecutionArn`), as the AWS SDK for Java 2 makes its names.
 */
export function sdkMemberName(name: string): string {
  return wordsOf(name)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase())
    .join('');
}

/** A word ends before a capital letter, an acronym before its successor's capital letter, a number after its last digit. */
function wordsOf(name: string): readonly string[] {
  return name
    .replace(/[^A-Za-z0-9]+/g, ' ')
    .replace(/([a-z])(?=[A-Z][A-Za-z0-9])/g, '$1 ')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .replace(/([0-9])([A-Za-z])/g, '$1 $2')
    .split(' ')
    .filter((word) => word !== '');
}
