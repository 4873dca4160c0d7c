import { executionArn, expressExecutionArn } from '../../arn.js';
import type { ChildDocument, MapRuns, MapRunView } from '../../host/index.js';
import { notRedrivable } from '../../interpreter/index.js';
import { MAP_RUN_PAGE_CHILDREN } from '../../limits.js';
import { type Action, ApiError } from '../port.js';
import type { ExecutionActionsOptions } from './execution-input.js';
import { readMembers } from './members.js';
import { readMapRunArn } from './names.js';
import { MAX_RESULTS, pageSize, readToken, writeToken } from './paging.js';

const MAP_RUN_ARN = { type: 'string', required: true, min: 1, max: 2000 } as const;

/** The runs of distributed Maps. */
export function mapRunActions({ host, executions }: ExecutionActionsOptions): Readonly<Record<string, Action>> {
  return {
    DescribeMapRun: async ({ input }) => {
      const { mapRunArn } = readMembers(input, { mapRunArn: MAP_RUN_ARN });
      return description(await findRun(host.mapRuns, mapRunArn));
    },
    ListMapRuns: async ({ input }) => {
      const members = readMembers(input, {
        executionArn: { type: 'string', required: true, min: 1, max: 256 },
        maxResults: MAX_RESULTS,
        nextToken: { type: 'string', min: 1, max: 1024 },
      });
      const { execution } = await executions.row(members.executionArn);
      const list = `map runs ${members.executionArn}`;
      const after = readToken(list, members.nextToken) as number | null; // written by us
      const limit = pageSize(members.maxResults);
      const runs = await host.mapRuns.ofExecution(execution, { after, limit: limit + 1 });
      const shown = runs.slice(0, limit);
      const last = shown.at(-1);
      return {
        mapRuns: shown.map(listItem),
        ...(runs.length > limit && last && { nextToken: writeToken(list, last.document.mapRun) }),
      };
    },
    UpdateMapRun: async ({ input }) => updateMapRun(host.mapRuns, input),
  };
}

async function findRun(mapRuns: MapRuns, mapRunArn: string): Promise<MapRunView> {
  readMapRunArn(mapRunArn);
  const run = await mapRuns.find(mapRunArn);
  if (run !== null) return run;
  throw new ApiError('ResourceNotFound', `Resource not found: '${mapRunArn}'`, 400, { resourceName: mapRunArn });
}

const description = ({ document, status, limits, items, executions }: MapRunView): object => ({
  mapRunArn: document.mapRunArn,
  executionArn: document.parentArn,
  status,
  startDate: document.startedAt / 1000,
  ...(document.end !== null && { stopDate: document.end.stoppedAt / 1000 }),
  ...limits,
  itemCounts: items,
  executionCounts: executions,
  ...redriveMembers(document),
});

const redriveMembers = ({ redriveCount, redrivenAt }: Pick<ChildDocument, 'redriveCount' | 'redrivenAt'>): object => ({
  redriveCount,
  ...(redrivenAt !== null && { redriveDate: redrivenAt / 1000 }),
});

const listItem = ({ document }: MapRunView): object => ({
  executionArn: document.parentArn,
  mapRunArn: document.mapRunArn,
  stateMachineArn: readMapRunArn(document.mapRunArn).machineArn,
  startDate: document.startedAt / 1000,
  ...(document.end !== null && { stopDate: document.end.stoppedAt / 1000 }),
});

async function updateMapRun(mapRuns: MapRuns, input: unknown): Promise<object> {
  const { mapRunArn, ...wanted } = readMembers(input, {
    mapRunArn: MAP_RUN_ARN,
    maxConcurrency: { type: 'integer', min: 0 },
    toleratedFailureCount: { type: 'integer', min: 0 },
    toleratedFailurePercentage: { type: 'number', min: 0, max: 100 },
  });
  const { maxConcurrency, toleratedFailureCount, toleratedFailurePercentage } = wanted;
  await findRun(mapRuns, mapRunArn);
  const change = {
    ...(maxConcurrency !== undefined && { maxConcurrency }),
    ...(toleratedFailureCount !== undefined && { toleratedFailureCount }),
    ...(toleratedFailurePercentage !== undefined && { toleratedFailurePercentage }),
  };
  if (await mapRuns.changeLimits(mapRunArn, change)) return {};
  throw new ApiError('ValidationException', `Map Run already completed: '${mapRunArn}'`, 400, {
    reason: 'CANNOT_UPDATE_COMPLETED_MAP_RUN',
  });
}

/** ListExecutions by mapRunArn: the newest child first. */
export async function listChildren(
  mapRuns: MapRuns,
  query: {
    readonly mapRunArn: string;
    readonly statusFilter: string | undefined;
    readonly redriveFilter: string | undefined;
    readonly maxResults: number | undefined;
    readonly nextToken: string | undefined;
  },
): Promise<object> {
  const { mapRunArn, statusFilter, redriveFilter } = query;
  const run = await findRun(mapRuns, mapRunArn);
  const list = `children ${mapRunArn} ${statusFilter ?? ''} ${redriveFilter ?? ''}`;
  let before = readToken(list, query.nextToken) as number | null; // written by us
  const isWanted = ({ status, redriveCount }: ShownChild): boolean =>
    (statusFilter === undefined || status === statusFilter) &&
    (redriveFilter === undefined || redriveCount > 0 === (redriveFilter === 'REDRIVEN'));
  const limit = pageSize(query.maxResults);
  const found: ShownChild[] = [];
  while (found.length <= limit) {
    const page = await mapRuns.children(mapRunArn, { before, limit: MAP_RUN_PAGE_CHILDREN });
    found.push(...page.map((child) => shownChild(mapRuns, mapRunArn, child)).filter(isWanted));
    before = page.at(-1)?.index ?? null;
    if (page.length < MAP_RUN_PAGE_CHILDREN) break;
  }
  const shown = found.slice(0, limit);
  return {
    executions: shown.map((child) => childItem(run, child)),
    ...(found.length > limit && { nextToken: writeToken(list, shown.at(-1)?.index) }),
  };
}

type ShownChild = Omit<ChildDocument, 'status'> & { readonly status: ChildDocument['status'] | 'PENDING_REDRIVE' };

const shownChild = (mapRuns: MapRuns, mapRunArn: string, child: ChildDocument): ShownChild =>
  mapRuns.isPendingRedrive(mapRunArn, child.index) ? { ...child, status: 'PENDING_REDRIVE', stoppedAt: null } : child;

function childItem({ document, plan }: MapRunView, child: ShownChild): object {
  const { mapRunArn } = document;
  const { machineArn } = readMapRunArn(mapRunArn);
  const { name, status, startedAt, stoppedAt, itemCount } = child;
  const id = mapRunArn.split(':').at(-1) ?? '';
  const arn =
    plan.executionType === 'EXPRESS' ? expressExecutionArn(machineArn, name, id) : executionArn(machineArn, name);
  return {
    executionArn: arn,
    stateMachineArn: machineArn,
    name,
    status,
    startDate: startedAt / 1000,
    ...(stoppedAt !== null && { stopDate: stoppedAt / 1000 }),
    mapRunArn,
    itemCount,
    ...redriveMembers(child),
  };
}

/** DescribeExecution of an Express child, which lies nowhere but in its run. */
export async function describeExpressChild(
  mapRuns: MapRuns,
  query: {
    readonly executionArn: string;
    readonly mapRunArn: string;
    readonly index: number;
    readonly includedData: string | undefined;
  },
): Promise<object> {
  const { executionArn: arn, mapRunArn } = query;
  const found = await mapRuns.expressChild(mapRunArn, query.index);
  if (found === null || found.child.name !== arn.split(':').at(-2)) {
    throw new ApiError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
  }
  const { input } = found;
  const child = shownChild(mapRuns, mapRunArn, found.child);
  const { output, error, cause, stoppedAt } = child;
  const included = query.includedData !== 'METADATA_ONLY';
  return {
    executionArn: arn,
    stateMachineArn: readMapRunArn(mapRunArn).machineArn,
    name: child.name,
    status: child.status,
    startDate: child.startedAt / 1000,
    ...(stoppedAt !== null && { stopDate: stoppedAt / 1000 }),
    ...(included && { input }),
    inputDetails: { included },
    ...(output !== undefined && { ...(included && { output }), outputDetails: { included } }),
    ...(error !== undefined && { error }),
    ...(cause !== undefined && { cause }),
    mapRunArn,
    ...redriveMembers(child),
    ...expressRedriveStatus(child.status),
  };
}

/** AWS: an Express child that did not succeed can always be redriven, by its run. */
function expressRedriveStatus(status: ShownChild['status']): object {
  if (status === 'PENDING_REDRIVE') return {};
  const redriveStatusReason = notRedrivable(status);
  if (redriveStatusReason === null) return { redriveStatus: 'REDRIVABLE_BY_MAP_RUN' };
  return { redriveStatus: 'NOT_REDRIVABLE', redriveStatusReason };
}
