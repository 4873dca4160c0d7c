import { z } from 'zod';
import { invalidSchedule, SchedulerFault } from '../../services/scheduler/fault.js';
import type { ScheduleGroup, Scheduler } from '../../services/scheduler/scheduler.js';
import { readInput } from '../input.js';
import { type Action, type ApiCall, ApiError, type ApiService } from '../port.js';
import { serviceOf } from '../service.js';
import { requestOf, SCHEDULE, scheduleMembers, summaryMembers } from './schedule-members.js';

const NAME = z.string().min(1).max(64);
const GROUP = z.string().min(1).max(64).optional();
const TOKEN = z.string().max(64).optional();
const PAGE = {
  // Query parameters are texts.
  MaxResults: z.coerce.number().int().min(1).max(100).optional(),
  NextToken: z.string().min(1).max(2048).optional(),
  NamePrefix: z.string().max(64).optional(),
};

/** EventBridge Scheduler, as far as docs/compatibility.md says. */
export function schedulerService(scheduler: Scheduler): ApiService {
  const actions = { ...scheduleActions(scheduler), ...groupActions(scheduler) };
  return serviceOf('scheduler', actions, errorOf);
}

/** The model's exceptions have their text in `Message`. */
const errorOf = (fault: unknown): ApiError | null =>
  fault instanceof SchedulerFault
    ? new ApiError(fault.code, fault.message, fault.status, { Message: fault.message })
    : null;

function scheduleActions(scheduler: Scheduler): Record<string, Action> {
  return {
    CreateSchedule: async (call) => {
      const members = read({ Name: NAME, GroupName: GROUP, ...SCHEDULE }, call);
      const group = members.GroupName ?? 'default';
      const { arn } = await scheduler.create(call.place, group, members.Name, requestOf(members));
      return { ScheduleArn: arn };
    },
    UpdateSchedule: async (call) => {
      const members = read({ Name: NAME, GroupName: GROUP, ...SCHEDULE }, call);
      const group = members.GroupName ?? 'default';
      const { arn } = await scheduler.update(call.place, group, members.Name, requestOf(members));
      return { ScheduleArn: arn };
    },
    GetSchedule: async (call) => {
      const { Name, GroupName = 'default' } = read({ Name: NAME, GroupName: GROUP }, call);
      return scheduleMembers(scheduler.get(call.place, GroupName, Name));
    },
    DeleteSchedule: async (call) => {
      const { Name, GroupName = 'default' } = read({ Name: NAME, GroupName: GROUP, ClientToken: TOKEN }, call);
      await scheduler.remove(call.place, GroupName, Name);
      return {};
    },
    ListSchedules: async (call) => {
      const shape = { GroupName: GROUP, State: z.enum(['ENABLED', 'DISABLED']).optional(), ...PAGE };
      const members = read(shape, call);
      const { GroupName, State, NamePrefix = '' } = members;
      if (GroupName !== undefined) scheduler.group(call.place, GroupName);
      const wanted = scheduler
        .list(call.place, GroupName ?? null)
        .filter(
          ({ name, isEnabled }) =>
            name.startsWith(NamePrefix) && (State === undefined || isEnabled === (State === 'ENABLED')),
        );
      const { shown, token } = paged(wanted, members);
      return { Schedules: shown.map(summaryMembers), ...token };
    },
  };
}

function groupActions(scheduler: Scheduler): Record<string, Action> {
  return {
    CreateScheduleGroup: async (call) => {
      const shape = { Name: NAME, ClientToken: TOKEN, Tags: z.array(z.unknown()).optional() };
      const { Name, Tags = [] } = read(shape, call);
      if (Tags.length > 0) throw invalidSchedule('Treadle does not keep tags of schedule groups yet. Leave them out.');
      return { ScheduleGroupArn: (await scheduler.createGroup(call.place, Name)).arn };
    },
    GetScheduleGroup: async (call) => groupMembers(scheduler.group(call.place, read({ Name: NAME }, call).Name)),
    DeleteScheduleGroup: async (call) => {
      const { Name } = read({ Name: NAME, ClientToken: TOKEN }, call);
      await scheduler.removeGroup(call.place, Name);
      return {};
    },
    ListScheduleGroups: async (call) => {
      const members = read(PAGE, call);
      const { NamePrefix = '' } = members;
      const wanted = scheduler.groups(call.place).filter(({ name }) => name.startsWith(NamePrefix));
      const { shown, token } = paged(wanted, members);
      return { ScheduleGroups: shown.map(groupMembers), ...token };
    },
  };
}

const groupMembers = ({ arn, name, createdAt }: ScheduleGroup): object => ({
  Arn: arn,
  Name: name,
  State: 'ACTIVE',
  ...(createdAt > 0 && { CreationDate: createdAt / 1000, LastModificationDate: createdAt / 1000 }),
});

/** Sorted by ARN; a token is the ARN of the last that was shown. */
function paged<T extends { readonly arn: string }>(
  items: readonly T[],
  {
    MaxResults = 100,
    NextToken,
  }: { readonly MaxResults?: number | undefined; readonly NextToken?: string | undefined },
): { readonly shown: readonly T[]; readonly token: { readonly NextToken?: string } } {
  const after = NextToken === undefined ? null : Buffer.from(NextToken, 'base64url').toString();
  const rest = items.filter(({ arn }) => after === null || arn > after);
  const shown = rest.slice(0, MaxResults);
  const last = shown.at(-1);
  const isMore = rest.length > shown.length && last !== undefined;
  return { shown, token: isMore ? { NextToken: Buffer.from(last.arn).toString('base64url') } : {} };
}

/** Members that the shape does not name are refused by name. */
function read<Shape extends z.ZodRawShape>(shape: Shape, { input }: ApiCall): z.infer<z.ZodObject<Shape>> {
  return readInput(z.strictObject(shape), input, (member, expectation) => {
    const where = member === '' ? '' : `Value at '${member}' failed to satisfy constraint: `;
    const text = `1 validation error detected: ${where}${expectation}`;
    return new ApiError('ValidationException', text, 400, { Message: text });
  });
}
