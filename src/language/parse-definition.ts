import { ASL_INTEGER_MAX, AWS_QUOTAS } from '../limits.js';
import type { Definition, Resource } from './definition.js';
import type { Diagnostic } from './diagnostic.js';
import { DiagnosticLog } from './diagnostic-log.js';
import { JsonReadError, jacksonLocation, readJsonDocument, type SourceObject } from './json-document.js';
import { checkTransitions, parseBlock } from './parser/block.js';
import type { MachineType, ParseContext } from './parser/context.js';
import { Fields } from './parser/fields.js';
import { checkVariables } from './parser/variable-scope.js';

export interface ParsedDefinition {
  /** Null when a diagnostic is an error. */
  readonly definition: Definition | null;
  /** Errors and warnings, in AWS's order. */
  readonly diagnostics: readonly Diagnostic[];
}

export interface ParseOptions {
  readonly type: MachineType;
  /** Whether a Task's resource is run here: one that AWS knows and that is not gets a warning of ours, RESOURCE_NOT_RUN. */
  readonly isRun?: (resource: Resource) => boolean;
  /** The states are some of a machine's (TestState): where their transitions lead is not checked, nor what is assigned before them. */
  readonly isFragment?: boolean;
  /** A longer text is refused; AWS's quota unless given. */
  readonly charsMax?: number;
}

/**
 * Parses and checks an Amazon States Language text. Never throws on any text: what is wrong comes as diagnostics, with
 * the code, message and location of AWS's ValidateStateMachineDefinition, plus line and column.
 */
export function parseDefinition(text: string, options: ParseOptions): ParsedDefinition {
  const log = new DiagnosticLog(text);
  const source = readMachine(text, log, options.charsMax ?? AWS_QUOTAS.definitionCharsMax);
  const definition = source === null ? null : parseMachine(source, log, options);
  return { definition: log.errorCount > 0 ? null : definition, diagnostics: log.diagnostics };
}

const NOT_AN_OBJECT = 'Definition must be a valid JSON object';

function readMachine(text: string, log: DiagnosticLog, charsMax: number): SourceObject | null {
  if (text.trim() === '') {
    log.error({ message: NOT_AN_OBJECT, location: null, offset: null });
    return null;
  }
  if (text.length > charsMax) {
    const message = `Definition must have at most ${charsMax} characters, but has ${text.length}`;
    log.error({ message, location: null, offset: null });
    return null;
  }
  try {
    const source = readJsonDocument(text);
    if (source.kind === 'object') return source;
    log.error({ message: NOT_AN_OBJECT, location: null, offset: source.offset });
  } catch (fault) {
    if (!(fault instanceof JsonReadError)) throw fault;
    const location = jacksonLocation(text, fault.offset);
    const message = `${fault.message}\n at ${location}`;
    log.error({ code: 'INVALID_JSON_DESCRIPTION', message, location, offset: fault.offset });
  }
  return null;
}

const MACHINE_FIELDS: ReadonlySet<string> = new Set([
  'Comment',
  'QueryLanguage',
  'StartAt',
  'TimeoutSeconds',
  'Version',
  'States',
]);

function parseMachine(source: SourceObject, log: DiagnosticLog, options: ParseOptions): Definition | null {
  const machineType = options.type;
  const fields = new Fields(source, '', log);
  fields.refuseOthers(MACHINE_FIELDS);
  const comment = fields.comment();
  fields.oneOf('Version', ['1.0']);
  // AWS accepts 0 (measured); we take it as no limit of its own.
  const timeoutSeconds = fields.integer('TimeoutSeconds', { min: 0, max: ASL_INTEGER_MAX }) || null;
  const queryLanguage = fields.oneOf('QueryLanguage', ['JSONPath', 'JSONata']) ?? 'JSONPath';
  const context: ParseContext = {
    log,
    language: queryLanguage,
    outlines: [],
    stateNames: new Set(),
    labels: new Set(),
    scopes: [],
    references: new Map(),
    isRun: options.isRun ?? null,
    parseBlock: (inner, nesting) => parseBlock(context, inner, nesting),
  };
  const block = parseBlock(context, fields, { machineType, depth: 0, around: null, isIsolated: false });
  if (options.isFragment)
    context.outlines.shift(); // the machine's own block
  else checkVariables(log, context.scopes);
  checkTransitions(context, { hasEnd: !options.isFragment });
  if (block === null || log.errorCount > 0) return null;
  const variableReferences = new Map([...context.references].map(([name, variables]) => [name, [...variables]]));
  return { ...block, comment, timeoutSeconds, queryLanguage, variableReferences, warnings: log.diagnostics };
}
