import type { Place } from '../arn.js';

/** An ARN in a definition whose region or account is not ours: pasted from documents, or of another AWS account. */
export interface ForeignArn {
  /** As written, up to the end of its string. */
  readonly text: string;
  /** Where it begins in the text. */
  readonly index: number;
  /** `REGION`, `{account}`: no region or account at all. */
  readonly isPlaceholder: boolean;
}

// A part is a word, or a placeholder with colons or blanks inside of its brackets: ${AWS::Region}, <account id>.
const PART = String.raw`(?:\$?\{[^{}"]*\}|<[^<>"]*>|\[[^\]"]*\]|[^:"\s{}<>[\]]*)`;
const ARN = new RegExp(`arn:(${PART}):([a-z0-9-]+):(${PART}):(${PART}):([^"\\s]*)`, 'g');

/** Services whose ARNs are of no region; their accounts have no effect here. */
const GLOBAL = new Set(['iam', 's3', 'sts']);

const REGION = /^[a-z]{2,3}(?:-[a-z]+)+-\d$/;
const ACCOUNT = /^\d{12}$/;

/** Finds them. `known` says what `${Name}` is going to become, so that a substituted region is no placeholder. */
export function foreignArns(text: string, place: Place, known: (part: string) => string): readonly ForeignArn[] {
  const found: ForeignArn[] = [];
  for (const match of text.matchAll(ARN)) {
    const [whole, , service = '', region = '', account = ''] = match;
    if (!isForeign({ service, region: known(region), account: known(account) }, place)) continue;
    const isPlaceholder = !REGION.test(known(region)) || !ACCOUNT.test(known(account));
    found.push({ text: whole.replace(/[\\,;'].*$/s, ''), index: match.index, isPlaceholder });
  }
  return found;
}

/** The same text with our region and account in those ARNs. */
export function fillArns(text: string, place: Place, known: (part: string) => string): string {
  return text.replace(ARN, (whole, _partition, service: string, region: string, account: string, rest: string) =>
    isForeign({ service, region: known(region), account: known(account) }, place)
      ? `arn:aws:${service}:${place.region}:${place.account}:${rest}`
      : whole,
  );
}

function isForeign(part: { service: string; region: string; account: string }, place: Place): boolean {
  if (GLOBAL.has(part.service) || (part.region === '' && part.account === '')) return false;
  return part.region !== place.region || part.account !== place.account;
}
