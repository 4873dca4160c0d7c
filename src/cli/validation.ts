import { isRun } from '../integrations/index.js';
import { type Diagnostic, explainDiagnostic, parseDefinition } from '../language/index.js';
import { isAssembly, readAssembly } from '../templates/assembly.js';
import { definitionJson } from '../templates/definition-json.js';
import type { DefinitionSource, DeployPlan } from '../templates/plan.js';
import { formatProblem, formatRemark, TemplateError } from '../templates/problem.js';
import { readTemplate, readTextFile, readValueFile } from '../templates/read-template.js';
import { resolveAssembly } from '../templates/resolve-assembly.js';
import { resolveTemplate } from '../templates/resolve-template.js';
import { memberOfMap } from '../templates/template-value.js';

export interface ValidationRequest {
  /** As given by the person: messages name it so. */
  readonly file: string;
  readonly type: 'STANDARD' | 'EXPRESS';
  readonly region: string;
  readonly account: string;
  /** For a template or an assembly. */
  readonly parameters: Readonly<Record<string, string>>;
}

export interface ValidationFinding {
  readonly severity: 'ERROR' | 'WARNING';
  readonly file: string;
  readonly line: number | null;
  readonly column: number | null;
  /** AWS's code of a definition's diagnostic; null for a template's problem. */
  readonly code: string | null;
  /** One line for a person, place included. */
  readonly text: string;
}

export interface Validation {
  readonly kind: 'definition' | 'template' | 'assembly';
  readonly findings: readonly ValidationFinding[];
}

/** Looks at one ASL file or template without a server. Every fault of its author comes as a finding. */
export async function validateFile(request: ValidationRequest): Promise<Validation> {
  try {
    if (isAssembly(request.file)) return { kind: 'assembly', findings: await assemblyFindings(request) };
    if (await isTemplate(request.file)) return { kind: 'template', findings: await templateFindings(request) };
    return { kind: 'definition', findings: await fileFindings(request) };
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    const findings = error.problems.map((problem) => finding('ERROR', problem, formatProblem(problem)));
    return { kind: 'definition', findings };
  }
}

const DEFINITION_NAME = /\.asl\.(?:json|ya?ml)$|\.asl$/;

/** ASL files say so by their names; any other file is a template when it has Resources. */
async function isTemplate(file: string): Promise<boolean> {
  if (DEFINITION_NAME.test(file)) return false;
  if (isJson(file) && !parses(await readTextFile(file))) return false;
  const { value } = await readValueFile(file, 'template');
  return value.kind === 'map' && memberOfMap(value, 'Resources') !== undefined;
}

const isJson = (file: string): boolean => /\.(?:json|asl)$/.test(file);

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

async function fileFindings({ file, type }: ValidationRequest): Promise<ValidationFinding[]> {
  const at = { line: 1, column: 1 };
  if (isJson(file)) {
    const text = await readTextFile(file);
    return definitionFindings({ text, type, source: { file, form: 'text', places: new Map(), at } });
  }
  const { value } = await readValueFile(file, 'plain');
  const { text, places } = definitionJson(value);
  return definitionFindings({ text, type, source: { file, form: 'values', places, at } });
}

async function templateFindings({
  file,
  region,
  account,
  parameters,
}: ValidationRequest): Promise<ValidationFinding[]> {
  const plan = await resolveTemplate(await readTemplate(file), {
    parameters,
    place: { region, account },
    stackName: 'validation',
  });
  return planFindings(plan);
}

async function assemblyFindings(request: ValidationRequest): Promise<ValidationFinding[]> {
  const { file, region, account, parameters } = request;
  const place = { region, account };
  const plans = await resolveAssembly(await readAssembly(file), { parameters, place, stacks: [], deployed: [] });
  return plans.flatMap(planFindings);
}

function planFindings(plan: DeployPlan): ValidationFinding[] {
  const machines = plan.resources.flatMap((resource) =>
    resource.kind === 'stateMachine'
      ? definitionFindings({
          text: resource.settings.definition,
          type: resource.settings.type,
          source: resource.source,
        })
      : [],
  );
  return [
    ...plan.problems.map((problem) => finding('ERROR', problem, formatProblem(problem))),
    ...machines,
    ...plan.remarks.map((remark) => finding('WARNING', remark, formatRemark(remark))),
  ];
}

function finding(
  severity: ValidationFinding['severity'],
  { file, line, column }: { readonly file: string; readonly line: number; readonly column: number },
  text: string,
): ValidationFinding {
  return { severity, file, line, column, code: null, text };
}

interface WrittenDefinition {
  readonly text: string;
  readonly type: 'STANDARD' | 'EXPRESS';
  readonly source: DefinitionSource;
}

function definitionFindings({ text, type, source }: WrittenDefinition): ValidationFinding[] {
  return parseDefinition(text, { type, isRun }).diagnostics.map((diagnostic) => {
    const placed = placeInFile(diagnostic, source);
    const { severity, code, line, column } = placed;
    const place = line === null ? source.file : `${source.file}:${line}:${column ?? 1}`;
    return { severity, file: source.file, line, column, code, text: `${place} ${explainDiagnostic(placed, text)}` };
  });
}

/** The diagnostic with line and column of the file that its author wrote. */
function placeInFile(diagnostic: Diagnostic, source: DefinitionSource): Diagnostic {
  switch (source.form) {
    case 'text':
      return diagnostic;
    case 'values':
      return { ...diagnostic, ...nearestPlace(diagnostic.location ?? '', source) };
    case 'property':
      return { ...diagnostic, line: source.at.line, column: source.at.column };
    default:
      return source.form satisfies never;
  }
}

/** The place of the member, or of the nearest one around it. */
function nearestPlace(location: string, source: DefinitionSource): { line: number; column: number } {
  const found = source.places.get(location);
  if (found !== undefined) return found;
  const outer = location.replace(/(?:\/[^/]*|\[\d+\])$/, '');
  return outer === location ? source.at : nearestPlace(outer, source);
}
