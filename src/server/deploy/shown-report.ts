import type { DeployedResource, DeployReport as ShownReport } from '../../api/treadle/index.js';
import type { DeployReport, Outcome, Problem, Remark } from '../../templates/index.js';

const SHOWN_OUTCOMES: Readonly<Record<Outcome, DeployedResource['outcome']>> = {
  built: 'created',
  updated: 'updated',
  unchanged: 'unchanged',
  kept: 'kept',
  removed: 'deleted',
  refused: 'refused',
  failed: 'failed',
  skipped: 'skipped',
};

/** The deployment's report as the API and the terminal show it. */
export function shownReport(report: DeployReport, region: string): ShownReport {
  return {
    template: report.file,
    region,
    resources: report.resources.map(({ logicalId, resourceType, outcome, physicalId, line, reason }) => ({
      logicalId,
      type: resourceType,
      outcome: SHOWN_OUTCOMES[outcome],
      physicalId,
      line,
      reason,
    })),
    problems: report.problems.map(lineOf),
    canBeKept: canBeKept(report.problems),
    warnings: report.remarks.map(lineOf),
    outputs: Object.fromEntries(report.outputs.map(({ name, value }) => [name, value])),
  };
}

export const canBeKept = (problems: readonly Problem[]): boolean => problems.some(({ kind }) => kind === 'unsupported');

/** With the construct where there is one: a CDK app's author knows neither the template's lines nor its logical ids. */
function lineOf(found: Problem | Remark): string {
  const { file, line, column, message, resource, construct } = found;
  const about = construct === undefined ? '' : `${resource} (${construct}): `;
  return `${file}:${line}:${column} ${about}${message}`;
}

/** The stacks of an assembly as one report; what they name is told apart by the stack where there are several. */
export function mergedReport(template: string, region: string, reports: ReadonlyMap<string, ShownReport>): ShownReport {
  const entries = [...reports];
  const named = (stack: string, name: string): string => (entries.length === 1 ? name : `${stack}.${name}`);
  return {
    template,
    region,
    resources: entries.flatMap(([stack, { resources }]) =>
      // Their lines are of several templates.
      resources.map((resource) => ({ ...resource, logicalId: named(stack, resource.logicalId), line: null })),
    ),
    problems: entries.flatMap(([, { problems }]) => problems),
    canBeKept: entries.some(([, report]) => report.canBeKept),
    warnings: entries.flatMap(([, { warnings }]) => warnings),
    outputs: Object.fromEntries(
      entries.flatMap(([stack, { outputs }]) =>
        Object.entries(outputs).map(([name, value]) => [named(stack, name), value]),
      ),
    ),
  };
}
