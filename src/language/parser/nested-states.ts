import { LABEL_CHARS_MAX } from '../../limits.js';
import type { Block, MapState, ParallelState, Template } from '../definition.js';
import type { SourceObject } from '../json-document.js';
import type { MachineType, StateSource } from './context.js';
import { distributedMap, refuseDistributedFields } from './distributed-map.js';
import { pathTemplate, resultPath, singlePath, template, workInput } from './expressions.js';
import type { Fields } from './fields.js';
import { holdsExpression, jsonataTemplate } from './jsonata.js';
import { catchers, retriers } from './recovery.js';
import { inputOutput, integerOrPath, numberOrPath, stateCommon, successor } from './state-parts.js';

const BRANCH_FIELDS: ReadonlySet<string> = new Set(['Comment', 'StartAt', 'States']);
const PROCESSOR_FIELDS: ReadonlySet<string> = new Set([...BRANCH_FIELDS, 'ProcessorConfig']);

export function parallelState(state: StateSource): ParallelState | null {
  const { fields } = state;
  fields.require(['Branches']);
  if (fields.array('Branches')?.items.length === 0) fields.refuseField('Branches', 'Value cannot be empty');
  const branches = fields.objects('Branches').map((branch) => nestedBlock(state, branch, BRANCH_FIELDS));
  return {
    type: 'Parallel',
    ...stateCommon(state),
    ...inputOutput(state),
    parameters: workInput(state),
    resultSelector: pathTemplate(state, 'ResultSelector'),
    resultPath: resultPath(state, fields),
    branches: branches.flatMap((block) => block ?? []),
    retry: retriers(state),
    catch: catchers(state),
    ...successor(state),
  };
}

export function mapState(state: StateSource): MapState | null {
  const { fields } = state;
  const label = readLabel(state);
  const mapped = mapProcessor(state);
  const isOldForm = fields.atMostOne(['ItemSelector', 'Parameters']) && fields.has('Parameters');
  const rest = {
    ...stateCommon(state),
    ...inputOutput(state),
    itemsPath: singlePath(state, 'ItemsPath'),
    items: mapItems(state),
    itemSelector: isOldForm ? pathTemplate(state, 'Parameters') : template(state, 'ItemSelector'),
    resultSelector: pathTemplate(state, 'ResultSelector'),
    resultPath: resultPath(state, fields),
    maxConcurrency: integerOrPath(state, 'MaxConcurrency', { min: 0, max: null }) ?? 0,
    toleratedFailureCount: integerOrPath(state, 'ToleratedFailureCount', { min: 0, max: null }),
    toleratedFailurePercentage: numberOrPath(state, 'ToleratedFailurePercentage', { min: 0, max: 100 }),
    retry: retriers(state),
    catch: catchers(state),
    ...successor(state),
  };
  const executionType = mapped?.executionType ?? null;
  if (executionType === null) refuseDistributedFields(state);
  const distributed = executionType === null ? null : distributedMap(state, executionType, label);
  return mapped?.processor ? { type: 'Map', ...rest, processor: mapped.processor, distributed } : null;
}

interface MapProcessor {
  /** Null when something in it is wrong (reported). */
  readonly processor: Block | null;
  /** Of the children; null for an inline Map. */
  readonly executionType: MachineType | null;
}

/** JSONata's `Items`: a list, or an expression that gives one; a distributed Map takes objects too. */
function mapItems(state: StateSource): Template | null {
  const { fields } = state;
  const value = fields.value('Items');
  if (state.language !== 'JSONata' || value === undefined) return null;
  const processor = fields.value('ItemProcessor');
  const takesObjects = processor?.kind === 'object' && isDistributed(processor);
  const isList = value.kind === 'array' || (takesObjects && value.kind === 'object');
  if (!isList && !holdsExpression(fields, 'Items')) return fields.wrongType('Items', 'Array');
  return jsonataTemplate(state, fields, 'Items', takesObjects ? null : 'array');
}

function mapProcessor(state: StateSource): MapProcessor | null {
  const forms = ['ItemProcessor', 'Iterator'];
  if (!state.fields.exactlyOne(forms)) return null;
  const name = state.fields.has('Iterator') ? 'Iterator' : 'ItemProcessor';
  const processor = state.fields.object(name);
  if (processor === null) return null;
  const executionType = processorType(state, processor);
  const block = nestedBlock(state, processor, PROCESSOR_FIELDS, executionType ?? state.nesting.machineType);
  return { processor: block, executionType };
}

/** Checks ProcessorConfig. The children of a distributed Map are machines of a type of their own; null for an inline one. */
function processorType(state: StateSource, processor: Fields): MachineType | null {
  const config = processor.object('ProcessorConfig');
  const mode = config?.oneOf('Mode', ['INLINE', 'DISTRIBUTED']) ?? 'INLINE';
  if (config === null) return null;
  if (mode === 'INLINE') {
    config.refuseOthers(new Set(['Mode']));
    return null;
  }
  config.refuseOthers(new Set(['Mode', 'ExecutionType']));
  config.require(['ExecutionType']);
  if (state.nesting.machineType === 'EXPRESS') {
    const message = "The field 'Mode' with value 'DISTRIBUTED' is not supported inside 'EXPRESS' state machines";
    config.refuseField('Mode', message);
  }
  return config.oneOf('ExecutionType', ['STANDARD', 'EXPRESS']) ?? 'STANDARD';
}

function nestedBlock(
  state: StateSource,
  fields: Fields,
  allowed: ReadonlySet<string>,
  machineType: MachineType = state.nesting.machineType,
): Block | null {
  fields.refuseOthers(allowed);
  fields.comment();
  const { context, nesting } = state;
  const isIsolated = isDistributed(fields.source);
  return context.parseBlock(fields, { machineType, depth: nesting.depth + 1, around: state, isIsolated });
}

/** The children of a distributed Map are executions of their own: they begin without variables. */
function isDistributed(processor: SourceObject): boolean {
  const config = processor.members.get('ProcessorConfig')?.value;
  const mode = config?.kind === 'object' ? config.members.get('Mode')?.value : undefined;
  return mode?.kind === 'scalar' && mode.value === 'DISTRIBUTED';
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: AWS forbids exactly these in labels
const LABEL_FORBIDDEN = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\u0000-\u001f\u007f-\u009f]/;

/** Null when there is none, or no string (reported). */
function readLabel(state: StateSource): string | null {
  const { fields, context } = state;
  const label = fields.string('Label');
  if (label === null) return null;
  if (label.length > LABEL_CHARS_MAX) {
    const fault = `exceeds the ${LABEL_CHARS_MAX}-character limit allowed by the service`;
    fields.refuseField('Label', `Invalid Label name: ${label} ${fault}`, 'INVALID_LABEL_NAME');
  } else if (label === '' || LABEL_FORBIDDEN.test(label)) {
    fields.refuseField('Label', `Invalid Label name: ${label}`, 'INVALID_LABEL_NAME');
  } else if (context.labels.has(label)) {
    fields.refuseField('Label', `Duplicate Label name: ${label}`, 'DUPLICATE_LABEL_NAME');
  }
  context.labels.add(label);
  return label;
}
