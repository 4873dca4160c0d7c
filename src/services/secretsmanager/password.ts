import { randomInt } from 'node:crypto';
import { SecretsFault } from './fault.js';

export interface PasswordRules {
  readonly length: number;
  readonly excludeCharacters: string;
  readonly excludeNumbers: boolean;
  readonly excludePunctuation: boolean;
  readonly excludeUppercase: boolean;
  readonly excludeLowercase: boolean;
  readonly includeSpace: boolean;
  readonly requireEachIncludedType: boolean;
}

export const PASSWORD_DEFAULTS: PasswordRules = {
  length: 32,
  excludeCharacters: '',
  excludeNumbers: false,
  excludePunctuation: false,
  excludeUppercase: false,
  excludeLowercase: false,
  includeSpace: false,
  requireEachIncludedType: true,
};

/** AWS's kinds of characters. Throws SecretsFault where the rules leave none, or too few places. */
export function randomPassword(rules: PasswordRules): string {
  const kinds = [
    rules.excludeLowercase ? '' : 'abcdefghijklmnopqrstuvwxyz',
    rules.excludeUppercase ? '' : 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
    rules.excludeNumbers ? '' : '0123456789',
    rules.excludePunctuation ? '' : '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~',
    rules.includeSpace ? ' ' : '',
  ]
    .map((kind) => [...kind].filter((character) => !rules.excludeCharacters.includes(character)))
    .filter((kind) => kind.length > 0);
  const all = kinds.flat();
  const required = rules.requireEachIncludedType ? kinds : [];
  if (all.length === 0 || rules.length < required.length) {
    const why = all.length === 0 ? 'no character is left to choose from' : 'it is shorter than its kinds of characters';
    throw new SecretsFault('InvalidParameterException', `Expected rules that allow a password, but ${why}.`);
  }
  const drawn = required.map((kind) => drawFrom(kind));
  while (drawn.length < rules.length) drawn.push(drawFrom(all));
  return shuffled(drawn).join('');
}

const drawFrom = (characters: readonly string[]): string => characters[randomInt(characters.length)] ?? '';

function shuffled(characters: readonly string[]): readonly string[] {
  const left = [...characters];
  return characters.map(() => left.splice(randomInt(left.length), 1)[0] ?? '');
}
