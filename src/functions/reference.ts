import { functionArn, type Place, parseArn } from '../arn.js';

/** What a caller wrote for a function: a name, a partial ARN or an ARN, each with or without a qualifier. */
export interface FunctionReference {
  /** The ARN it means, without qualifier. */
  readonly arn: string;
  readonly name: string;
  /** Version or alias; null when none was given. */
  readonly qualifier: string | null;
}

const SHORT =
  /^(?:(?<account>\d{12}):(?:function:)|function:)?(?<name>[a-zA-Z0-9-_]+)(?::(?<qualifier>[a-zA-Z0-9-_$]+))?$/;

/** Null when the text cannot name a function. `place` is where a mere name is looked for. */
export function parseFunctionReference(text: string, place: Place): FunctionReference | null {
  const arn = parseArn(text);
  if (arn !== null && arn.service !== 'lambda') return null;
  const match = SHORT.exec(arn === null ? text : arn.resource);
  const name = match?.groups?.name;
  if (match === null || name === undefined) return null;
  if (arn !== null && !arn.resource.startsWith('function:')) return null;
  const account = arn?.account ?? match.groups?.account ?? place.account;
  return {
    arn: functionArn({ region: arn?.region ?? place.region, account }, name),
    name,
    qualifier: match.groups?.qualifier ?? null,
  };
}
