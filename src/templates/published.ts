/** Stands for the number of a version that is known only once it is published. */
export const PUBLISHED = '$PUBLISHED';

/** Stands for the ARN of a version that a resource of the template publishes. */
export const publishedArn = (arn: string, logicalId: string): string => `${arn}:${PUBLISHED}.${logicalId}`;

const STAND_IN = /arn:[^\s"']*?:\$PUBLISHED\.[A-Za-z0-9]+/g;

/** Puts real ARNs in place of what stands for them; data stays as it is where there is nothing to put in. */
export function withPublished<Data>(data: Data, published: ReadonlyMap<string, string>): Data {
  const text = JSON.stringify(data);
  if (!text.includes(`${PUBLISHED}.`)) return data;
  return JSON.parse(text.replace(STAND_IN, (whole) => published.get(whole) ?? whole)) as Data; // the same, but for texts
}
