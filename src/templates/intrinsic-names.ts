/** CloudFormation's functions that are evaluated here. */
const BUILT = [
  'Ref',
  'Condition',
  'Fn::And',
  'Fn::Base64',
  'Fn::Equals',
  'Fn::FindInMap',
  'Fn::GetAtt',
  'Fn::GetAZs',
  'Fn::GetStackOutput',
  'Fn::If',
  'Fn::ImportValue',
  'Fn::Join',
  'Fn::Not',
  'Fn::Or',
  'Fn::Select',
  'Fn::Split',
  'Fn::Sub',
] as const;

/** Functions that AWS has and we do not: why, and what to write instead. */
const REFUSED: Readonly<Record<string, string>> = {
  'Fn::Cidr': 'networks have no meaning here. Give the address ranges as a parameter.',
  'Fn::Transform': 'macros are not run here. Write their result into the template.',
  'Fn::ForEach': 'the language extensions are not run here. Write the repeated parts out.',
  'Fn::Length': 'the language extensions are not run here. Write the number.',
  'Fn::ToJsonString': 'the language extensions are not run here. Write the JSON text with Fn::Sub.',
};

const BUILT_NAMES: ReadonlySet<string> = new Set(BUILT);

export type IntrinsicName = (typeof BUILT)[number];

export const isBuiltIntrinsic = (name: string): name is IntrinsicName => BUILT_NAMES.has(name);

export const refusedIntrinsicReason = (name: string): string | null =>
  Object.hasOwn(REFUSED, name) ? (REFUSED[name] ?? null) : null;

export const intrinsicNames = (): readonly string[] => BUILT;

/** A map with this as its only key is a call. `Condition` is not here: policies have a member of that name. */
export const isIntrinsicName = (key: string): boolean => key === 'Ref' || key.startsWith('Fn::');

/** `!Sub` → `Fn::Sub`; null for a tag that CloudFormation does not have. */
export function nameOfTag(tag: string): string | null {
  const word = tag.slice(1);
  if (word === 'Ref' || word === 'Condition') return word;
  const name = `Fn::${word}`;
  return isBuiltIntrinsic(name) || refusedIntrinsicReason(name) !== null ? name : null;
}
