import { readAlarm } from '../api/cloudwatch/alarm-input.js';
import { ApiError } from '../api/port.js';
import { alarmArn } from '../arn.js';
import { definitionJson } from './definition-json.js';
import type { PlannedAlarm } from './plan.js';
import type { Planning } from './planning.js';
import { refuse } from './problem.js';

/** An alarm has the same members in a template and in PutMetricAlarm: one reader, one set of rules. */
export function planAlarm({ own, common, name, stack }: Planning): readonly [PlannedAlarm] | null {
  const members: unknown = JSON.parse(definitionJson(own.map).text);
  try {
    const { settings } = readAlarm({ input: numbersOf({ ...Object(members), AlarmName: name }) });
    return [{ ...common, kind: 'alarm', arn: alarmArn(stack.place, name), settings }];
  } catch (fault) {
    if (!(fault instanceof ApiError)) throw fault;
    refuse(own.findings, own.at, `Expected an alarm that CloudWatch takes, but it says: ${fault.message}`);
    return null;
  }
}

/** A parameter of the template is a text, also where a number is meant. */
const numbersOf = (members: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(members).map(([name, value]) => [name, NUMBERS.has(name) ? Number(value) : value]));

const NUMBERS = new Set(['DatapointsToAlarm', 'EvaluationPeriods', 'Period', 'Threshold']);
