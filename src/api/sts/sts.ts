import type { Action, ApiService } from '../port.js';

/** STS, as far as clients ask who they are. Any credentials speak for the configured account. */
export function stsService(): ApiService {
  return { name: 'sts', actions: new Map<string, Action>([['GetCallerIdentity', getCallerIdentity]]) };
}

const getCallerIdentity: Action = async ({ place }) => ({
  UserId: 'AIDATREADLEANYONE0000',
  Account: place.account,
  Arn: `arn:aws:iam::${place.account}:user/anyone`,
});
