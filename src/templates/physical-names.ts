import { createHash } from 'node:crypto';
import type { Place } from '../arn.js';

/** Whose names are made: one stack in one place. */
export interface Stack {
  readonly name: string;
  readonly place: Place;
  /** Where clients reach the server that it is deployed to; AWS's own where there is none. */
  readonly endpoint?: string;
}

/**
 * The physical name of a resource that has none in the template: `<stack>-<LogicalId>`. AWS adds a random suffix; here the name is
 * the same at each deployment, so that deploying again finds what it made, even when the records of the stack are lost.
 * A longer name than the service takes is cut and ends in a digest of the whole.
 */
export function physicalName(stack: Stack, logicalId: string, charsMax: number): string {
  const name = `${stack.name}-${logicalId}`;
  if (name.length <= charsMax) return name;
  return `${name.slice(0, charsMax - 9)}-${steadyId(name).slice(0, 8)}`;
}

/** 17 characters that look random, as AWS's ids do, and are the same at each deployment. */
export const steadyId = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 17);

/** AWS::StackId; the last part is a UUID on AWS. */
export function stackArn({ name, place }: Stack): string {
  const hex = createHash('sha256').update(`${place.region}:${place.account}:${name}`).digest('hex');
  const uuid = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
  return `arn:aws:cloudformation:${place.region}:${place.account}:stack/${name}/${uuid}`;
}

/** AWS draws the six characters at the end; here they are the same at each deployment, so that what refers to the secret can be planned. */
export const secretArnOf = ({ place }: Stack, name: string): string =>
  `arn:aws:secretsmanager:${place.region}:${place.account}:secret:${name}-${steadyId(name).slice(0, 6)}`;

/** What `Ref` gives of a queue. */
export const queueUrl = ({ place, endpoint }: Stack, name: string): string =>
  `${endpoint ?? `https://sqs.${place.region}.amazonaws.com`}/${place.account}/${name}`;

export const roleArn = (stack: Stack, name: string): string => `arn:aws:iam::${stack.place.account}:role/${name}`;

/** Fills `{name}`, `{region}`, … of a kept type's placeholder. */
export function fillPlaceholder(pattern: string, values: { stack: Stack; name: string }): string {
  const { stack, name } = values;
  const words: Readonly<Record<string, string>> = {
    name,
    id: steadyId(`${stack.name}-${name}`),
    partition: 'aws',
    region: stack.place.region,
    account: stack.place.account,
  };
  return pattern.replace(/\{([a-z]+)\}/g, (whole, word: string) => words[word] ?? whole);
}
