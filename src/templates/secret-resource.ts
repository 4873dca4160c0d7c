import { secretArnOf } from './physical-names.js';
import type { PlannedSecret, SecretSettings } from './plan.js';
import type { Planning } from './planning.js';
import { refuse } from './problem.js';
import { allowOnly, flag, member, type Section, section, text } from './properties.js';

const GENERATION = [
  'ExcludeCharacters',
  'ExcludeLowercase',
  'ExcludeNumbers',
  'ExcludePunctuation',
  'ExcludeUppercase',
  'GenerateStringKey',
  'IncludeSpace',
  'PasswordLength',
  'RequireEachIncludedType',
  'SecretStringTemplate',
];

export function planSecret({ own, common, name, stack }: Planning): readonly [PlannedSecret] {
  const generation = section(own, 'GenerateSecretString');
  const value = text(own, 'SecretString');
  if (generation !== null && value !== null) {
    const at = member(own, 'SecretString')?.at ?? own.at;
    refuse(own.findings, at, 'Expected SecretString or GenerateSecretString, but there are both.');
  }
  const settings: SecretSettings = {
    name,
    arn: secretArnOf(stack, name),
    description: text(own, 'Description'),
    value,
    generation: generation === null ? null : generationOf(generation),
  };
  return [{ ...common, kind: 'secret', arn: settings.arn, settings }];
}

function generationOf(given: Section): NonNullable<SecretSettings['generation']> {
  allowOnly(given, GENERATION);
  const [template, key] = [text(given, 'SecretStringTemplate'), text(given, 'GenerateStringKey')];
  if ((template === null) !== (key === null) || (template !== null && !isJsonObject(template))) {
    const rule = 'SecretStringTemplate, the text of a JSON object, together with GenerateStringKey';
    refuse(given.findings, given.at, `Expected ${rule}, but it is not so.`);
  }
  const length = text(given, 'PasswordLength') ?? '32';
  if (!/^\d{1,4}$/.test(length) || Number(length) < 1 || Number(length) > 4096) {
    refuse(given.findings, given.at, `Expected a PasswordLength from 1 to 4096, but it is ${length}.`);
  }
  return {
    template,
    key,
    rules: {
      length: Number(length),
      excludeCharacters: text(given, 'ExcludeCharacters') ?? '',
      excludeNumbers: flag(given, 'ExcludeNumbers') === true,
      excludePunctuation: flag(given, 'ExcludePunctuation') === true,
      excludeUppercase: flag(given, 'ExcludeUppercase') === true,
      excludeLowercase: flag(given, 'ExcludeLowercase') === true,
      includeSpace: flag(given, 'IncludeSpace') === true,
      requireEachIncludedType: flag(given, 'RequireEachIncludedType') !== false,
    },
  };
}

function isJsonObject(value: string): boolean {
  try {
    const parsed: unknown = JSON.parse(value);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed);
  } catch {
    return false;
  }
}
