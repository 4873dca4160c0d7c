import type { Inspection, InspectionStep } from '../../../interpreter/index.js';
import type { State } from '../../../language/index.js';
import { isArray, isNumber, numberOf, objectOf, type Payload, writeJson } from '../../../payload/index.js';

/** TestState's `inspectionData`: texts of JSON, and a few numbers. Members that have nothing to tell are left out. */
export function inspectionData(
  state: State,
  inspection: readonly Inspection[],
  variables: ReadonlyMap<string, Payload>,
): Readonly<Record<string, unknown>> {
  const shown = shownSteps(state);
  const data: Record<string, unknown> = {};
  const errorDetails: Record<string, number> = {};
  for (const { step, value } of inspection) {
    switch (step) {
      case 'failure':
        break; // the answer says it
      case 'maxConcurrency':
      case 'toleratedFailureCount':
      case 'toleratedFailurePercentage':
        data[step] = numberIn(value);
        break;
      case 'retryIndex':
      case 'retryBackoffIntervalSeconds':
      case 'catchIndex':
        errorDetails[step] = numberIn(value);
        break;
      case 'afterItemsPath':
      case 'afterItemSelector':
      case 'afterItemBatcher':
      case 'afterItemsPointer':
        if (shown.has(step)) data[step] = listed(value);
        break;
      default:
        if (shown.has(step)) data[step] = value.text;
    }
  }
  if (Object.keys(errorDetails).length > 0) data.errorDetails = errorDetails;
  if (variables.size > 0)
    data.variables = writeJson(objectOf([...variables].map(([name, { value }]) => [name, value])));
  return data;
}

/** Recorded: AWS shows a Map's items with a blank after each comma between them. */
const listed = ({ text, value }: Payload): string => (isArray(value) ? `[${value.map(writeJson).join(', ')}]` : text);

/** Which steps AWS shows for a state: recorded, but for Wait, and for the JSONata forms of Choice, Succeed, Wait and Parallel. */
function shownSteps(state: State): ReadonlySet<InspectionStep> {
  const common: readonly InspectionStep[] = ['input', 'afterItemSelector', 'afterItemBatcher', 'afterItemsPointer'];
  return new Set([...common, ...(state.queryLanguage === 'JSONata' ? jsonataSteps(state) : jsonPathSteps(state))]);
}

const jsonataSteps = ({ type }: State): readonly InspectionStep[] =>
  type === 'Task' ? ['afterArguments', 'result'] : [];

const AFTER_RESULT: readonly InspectionStep[] = ['afterResultSelector', 'afterResultPath'];

function jsonPathSteps(state: State): readonly InspectionStep[] {
  switch (state.type) {
    case 'Task':
      return ['afterInputPath', 'afterParameters', 'result', ...AFTER_RESULT];
    case 'Pass':
      return [
        ...(state.result === null ? (['afterInputPath', 'afterParameters'] as const) : ['result' as const]),
        ...AFTER_RESULT,
      ];
    case 'Map':
      return ['afterInputPath', 'afterItemsPath', ...AFTER_RESULT];
    case 'Parallel':
      return AFTER_RESULT;
    case 'Choice':
    case 'Wait':
    case 'Succeed':
    case 'Fail':
      return ['afterInputPath'];
    default:
      return state satisfies never;
  }
}

function numberIn({ value }: Payload): number {
  if (isNumber(value)) return numberOf(value);
  throw new Error(`Broken invariant: expected a number in the inspection, but there is ${writeJson(value)}`);
}
