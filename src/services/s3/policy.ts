import { matchesWildcard } from '../wildcard.js';

/** A statement of a bucket's policy that refuses. Allowances change nothing here: everybody is the owner. */
export interface Denial {
  readonly sid: string;
  readonly actions: readonly string[];
  /** `NotAction`: all but these. */
  readonly isActionNegated: boolean;
  readonly resources: readonly string[];
  readonly isResourceNegated: boolean;
  readonly conditions: readonly Condition[];
}

interface Condition {
  readonly operator: string;
  readonly key: string;
  readonly values: readonly string[];
}

/** What a request asks for, in the words of policies. */
export interface Asked {
  /** `s3:GetObject`. */
  readonly action: string;
  /** ARN of the bucket or of the object. */
  readonly resource: string;
  /** Values of condition keys, names in lower case; those that are missing are not in the request. */
  readonly values: Readonly<Record<string, readonly string[]>>;
}

/** The policy cannot be enforced as it stands, or is none. */
export class PolicyFault extends Error {
  override readonly name = 'PolicyFault';
  constructor(
    readonly kind: 'malformed' | 'unsupported',
    message: string,
  ) {
    super(message);
  }
}

const OPERATORS: Readonly<Record<string, (given: string, wanted: string) => boolean>> = {
  stringequals: (given, wanted) => given === wanted,
  stringequalsignorecase: (given, wanted) => given.toLowerCase() === wanted.toLowerCase(),
  stringlike: (given, wanted) => matchesWildcard(wanted, given),
  arnequals: (given, wanted) => matchesWildcard(wanted, given),
  arnlike: (given, wanted) => matchesWildcard(wanted, given),
  bool: (given, wanted) => given.toLowerCase() === wanted.toLowerCase(),
  numericequals: (given, wanted) => Number(given) === Number(wanted),
  numericlessthan: (given, wanted) => Number(given) < Number(wanted),
  numericlessthanequals: (given, wanted) => Number(given) <= Number(wanted),
  numericgreaterthan: (given, wanted) => Number(given) > Number(wanted),
  numericgreaterthanequals: (given, wanted) => Number(given) >= Number(wanted),
  datelessthan: (given, wanted) => Date.parse(given) < Date.parse(wanted),
  datelessthanequals: (given, wanted) => Date.parse(given) <= Date.parse(wanted),
  dategreaterthan: (given, wanted) => Date.parse(given) > Date.parse(wanted),
  dategreaterthanequals: (given, wanted) => Date.parse(given) >= Date.parse(wanted),
  null: () => false, // asks whether there is a value, see `holds`
};

/** Negations hold where no value fits, and where there is none. */
const NEGATED: Readonly<Record<string, string>> = {
  stringnotequals: 'stringequals',
  stringnotequalsignorecase: 'stringequalsignorecase',
  stringnotlike: 'stringlike',
  arnnotequals: 'arnequals',
  arnnotlike: 'arnlike',
  numericnotequals: 'numericequals',
};

const KEYS = new Set([
  'aws:currenttime',
  'aws:principalaccount',
  'aws:principalarn',
  'aws:securetransport',
  'aws:sourceip',
  'aws:useragent',
  's3:delimiter',
  's3:if-match',
  's3:if-none-match',
  's3:max-keys',
  's3:object-lock-legal-hold',
  's3:object-lock-mode',
  's3:prefix',
  's3:signatureversion',
  's3:tlsversion',
  's3:versionid',
  's3:x-amz-acl',
  's3:x-amz-copy-source',
  's3:x-amz-metadata-directive',
  's3:x-amz-server-side-encryption',
  's3:x-amz-server-side-encryption-aws-kms-key-id',
  's3:x-amz-storage-class',
]);
const TAG_KEY = /^s3:(?:existingobjecttag|requestobjecttag)\//;

/** The policy's refusals. Throws PolicyFault for what is no policy and for refusals that could not be kept. */
export function denialsOf(text: string, account: string): readonly Denial[] {
  const policy = parsed(text);
  const given = policy.Statement;
  const statements = Array.isArray(given) ? given : given === undefined ? [] : [given];
  if (statements.length === 0) throw malformed('Missing required field Statement');
  return statements.flatMap((statement: unknown) => {
    if (!isMap(statement)) throw malformed('Statement must be an object');
    if (statement.Effect !== 'Allow' && statement.Effect !== 'Deny')
      throw malformed(`Invalid effect: ${String(statement.Effect)}`);
    if (statement.Principal === undefined && statement.NotPrincipal === undefined)
      throw malformed('Missing required field Principal');
    if (statement.Effect === 'Allow') return [];
    return concerns(statement, account) ? [readDenial(statement)] : [];
  });
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  let policy: unknown;
  try {
    policy = JSON.parse(text);
  } catch {
    throw malformed("Policies must be valid JSON and the first byte must be '{'");
  }
  if (!isMap(policy)) throw malformed("Policies must be valid JSON and the first byte must be '{'");
  return policy;
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const malformed = (message: string): PolicyFault => new PolicyFault('malformed', message);
const unsupported = (what: string): PolicyFault =>
  new PolicyFault('unsupported', `Expected a refusal that Treadle enforces, but it asks for ${what}. Leave it out.`);

/** Whether everybody here is meant: `*`, or the account. Roles and users are not told apart, so those of others are nobody. */
function concerns({ Principal, NotPrincipal }: Readonly<Record<string, unknown>>, account: string): boolean {
  if (NotPrincipal !== undefined) throw unsupported('NotPrincipal: principals are not told apart here');
  const given = isMap(Principal) ? Principal.AWS : Principal;
  return list(given).some((one) => one === '*' || one === account || one === `arn:aws:iam::${account}:root`);
}

function readDenial(statement: Readonly<Record<string, unknown>>): Denial {
  const { Action, NotAction, Resource, NotResource, Condition: condition } = statement;
  const actions = list(Action ?? NotAction);
  const resources = list(Resource ?? NotResource);
  if (actions.length === 0) throw malformed('Missing required field Action');
  if (resources.length === 0) throw malformed('Missing required field Resource');
  const conditions = isMap(condition) ? Object.entries(condition).flatMap(readConditions) : [];
  const sid = typeof statement.Sid === 'string' ? statement.Sid : '';
  const negations = { isActionNegated: Action === undefined, isResourceNegated: Resource === undefined };
  return { sid, actions: actions.map((action) => action.toLowerCase()), resources, ...negations, conditions };
}

function readConditions([operator, keys]: readonly [string, unknown]): readonly Condition[] {
  if (!isMap(keys)) throw malformed(`Invalid Condition type : ${operator}`);
  const name = operator.toLowerCase();
  const base = name.replace(/^foranyvalue:/, '').replace(/ifexists$/, '');
  const isKnown = Object.hasOwn(OPERATORS, base) || Object.hasOwn(NEGATED, base);
  if (!isKnown) throw unsupported(`the condition operator '${operator}'`);
  return Object.entries(keys).map(([key, values]) => {
    const lower = key.toLowerCase();
    if (!KEYS.has(lower) && !TAG_KEY.test(lower)) throw unsupported(`the condition key '${key}'`);
    return { operator: name, key: lower, values: list(values) };
  });
}

const list = (value: unknown): readonly string[] => {
  if (value === undefined) return [];
  const all: readonly unknown[] = Array.isArray(value) ? value : [value];
  return all.flatMap((one) => (['string', 'boolean', 'number'].includes(typeof one) ? [String(one)] : []));
};

/** The refusal that the request meets; null: none. */
export function denied(denials: readonly Denial[], asked: Asked): Denial | null {
  const action = asked.action.toLowerCase();
  return (
    denials.find((denial) => {
      const isAction = denial.actions.some((pattern) => matchesWildcard(pattern, action)) !== denial.isActionNegated;
      if (!isAction) return false;
      const isResource = denial.resources.some((pattern) => matchesWildcard(pattern, asked.resource));
      return isResource !== denial.isResourceNegated && denial.conditions.every((condition) => holds(condition, asked));
    }) ?? null
  );
}

/** Of several values of one condition one has to fit; of several conditions all. */
function holds({ operator, key, values }: Condition, { values: given }: Asked): boolean {
  const found = Object.hasOwn(given, key) ? (given[key] ?? []) : [];
  const isOptional = operator.endsWith('ifexists');
  const base = operator.replace(/^foranyvalue:/, '').replace(/ifexists$/, '');
  if (base === 'null') return values.some((value) => (value.toLowerCase() === 'true') === (found.length === 0));
  if (found.length === 0) return isOptional || Object.hasOwn(NEGATED, base);
  const negated = Object.hasOwn(NEGATED, base) ? NEGATED[base] : undefined;
  const fits = OPERATORS[negated ?? base];
  const isFound = fits !== undefined && found.some((one) => values.some((value) => fits(one, value)));
  return isFound !== (negated !== undefined);
}
