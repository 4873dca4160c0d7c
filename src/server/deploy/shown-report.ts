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

const lineOf = ({ file, line, column, message }: Problem | Remark): string => `${file}:${line}:${column} ${message}`;
