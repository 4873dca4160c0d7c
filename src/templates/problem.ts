import type { Position } from './template-value.js';

/** Why a template cannot be deployed as it is. */
export interface Problem {
  /** `unsupported`: right on AWS, but not done here; may be kept without effect on request. `invalid`: AWS refuses it as well. */
  readonly kind: 'invalid' | 'unsupported';
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Logical id of the resource it is about; null for the rest of the template. */
  readonly resource: string | null;
  readonly resourceType: string | null;
  /** Path of the CDK construct that the resource was made by, where the template says so. */
  readonly construct?: string;
  /** "Expected …, but …", with what to do. */
  readonly message: string;
}

/** Something worth knowing that stops nothing: a property without effect (`kept`), a foreign ARN (`warning`). */
export interface Remark {
  readonly kind: 'kept' | 'warning';
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly resource: string | null;
  readonly construct?: string;
  readonly message: string;
}

/** `template.yaml:12:7 Orders (AWS::SNS::Topic, Shop/Orders/Resource): Expected …`. */
export function formatProblem(problem: Problem): string {
  const place = `${problem.file}:${problem.line}:${problem.column}`;
  if (problem.resource === null) return `${place} ${problem.message}`;
  const known = [problem.resourceType ?? [], problem.construct ?? []].flat().join(', ');
  return `${place} ${problem.resource}${inBrackets(known)}: ${problem.message}`;
}

/** `template.yaml:12:7 Orders: …`. */
export function formatRemark({ file, line, column, resource, construct, message }: Remark): string {
  const about = resource === null ? '' : `${resource}${inBrackets(construct ?? '')}: `;
  return `${file}:${line}:${column} ${about}${message}`;
}

const inBrackets = (text: string): string => (text === '' ? '' : ` (${text})`);

/** A template, or an ASL file, that cannot be read at all. The message holds one line a problem. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
  constructor(readonly problems: readonly Problem[]) {
    super(problems.map(formatProblem).join('\n'));
  }
}

/** A fault at one place, thrown while a value is evaluated and caught where its property is read. */
export class TemplateFault extends Error {
  override readonly name = 'TemplateFault';
  constructor(
    readonly at: Position,
    message: string,
    readonly kind: Problem['kind'] = 'invalid',
  ) {
    super(message);
  }
}

/** Collects problems and remarks of one place of the template. */
export interface Findings {
  readonly problems: Problem[];
  readonly remarks: Remark[];
  readonly file: string;
  readonly resource: string | null;
  readonly resourceType: string | null;
}

export const newFindings = (file: string): Findings => ({
  problems: [],
  remarks: [],
  file,
  resource: null,
  resourceType: null,
});

/** The same collection, for findings about one resource. */
export const findingsOf = (findings: Findings, resource: string, resourceType: string | null): Findings => ({
  ...findings,
  resource,
  resourceType,
});

export function refuse(findings: Findings, at: Position, message: string, kind: Problem['kind'] = 'invalid'): void {
  const { file, resource, resourceType } = findings;
  findings.problems.push({ kind, file, line: at.line, column: at.column, resource, resourceType, message });
}

export function remark(findings: Findings, at: Position, message: string, kind: Remark['kind']): void {
  const { file, resource } = findings;
  findings.remarks.push({ kind, file, line: at.line, column: at.column, resource, message });
}

/** The value of `read`, or undefined after noting the fault that it threw. */
export function collectFault<Value>(findings: Findings, read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof TemplateFault)) throw error;
    refuse(findings, error.at, error.message, error.kind);
    return undefined;
  }
}
