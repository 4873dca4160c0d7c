import type { DeployedResource, DeployReport } from '../../api/treadle/index.js';
import type { Colors } from '../terminal.js';

/** What a deployment did, for people: changes first, then what has no effect here, then what was refused. */
export function deployLines(report: DeployReport, colors: Colors): string[] {
  const of = (outcome: DeployedResource['outcome']): readonly DeployedResource[] =>
    report.resources.filter((resource) => resource.outcome === outcome);
  // What is refused stands among the problems with its place; what failed only here.
  const refused = [...(report.problems.length === 0 ? of('refused') : []), ...of('failed')];
  return [
    ...(['created', 'updated', 'deleted'] as const).flatMap((outcome) =>
      of(outcome).map((resource) => `  ${colors.green(outcome.padEnd(9))} ${described(resource)}`),
    ),
    ...summary('unchanged', of('unchanged'), colors),
    ...summary('kept', of('kept'), colors, ' (accepted, without effect here)'),
    ...report.problems.map((problem) => `  ${colors.red('problem  ')} ${problem}`),
    ...refused.map((resource) => `  ${colors.red(resource.outcome.padEnd(9))} ${refusal(report.template, resource)}`),
    ...report.warnings.map((warning) => `  ${colors.yellow('warning  ')} ${warning}`),
    ...Object.entries(report.outputs).map(([name, value]) => `  ${colors.dim('output   ')} ${name} = ${value}`),
  ];
}

/** Whether everything that the template asks for is there now. */
export const isDeployed = (report: DeployReport): boolean =>
  report.problems.length === 0 &&
  report.resources.every(({ outcome }) => outcome !== 'refused' && outcome !== 'failed' && outcome !== 'skipped');

const described = ({ logicalId, type, physicalId }: DeployedResource): string =>
  `${logicalId} (${type})${physicalId === null || physicalId === logicalId ? '' : ` ${physicalId}`}`;

function refusal(template: string, resource: DeployedResource): string {
  const place = resource.line === null ? '' : `${template}:${resource.line} `;
  return `${place}${resource.logicalId} (${resource.type}): ${resource.reason ?? 'not supported'}`;
}

function summary(word: string, resources: readonly DeployedResource[], colors: Colors, remark = ''): string[] {
  if (resources.length === 0) return [];
  const names = resources.map(({ logicalId }) => logicalId).join(', ');
  return [`  ${colors.dim(word.padEnd(9))} ${resources.length}${remark}: ${names}`];
}
