import { z } from 'zod';
import { EVENT_AGE_SECONDS_MAX, TARGET_RETRIES_MAX } from '../../limits/services.js';
import type { Schedule, ScheduleRequest, ScheduleTarget } from '../../services/scheduler/schedule.js';

const TARGET = z.strictObject({
  Arn: z.string().min(1).max(1600),
  RoleArn: z.string().min(1).max(1600),
  Input: z.string().min(1).max(262_144).optional(),
  SqsParameters: z.strictObject({ MessageGroupId: z.string().min(1).max(128).optional() }).optional(),
  EventBridgeParameters: z
    .strictObject({ DetailType: z.string().min(1).max(128), Source: z.string().min(1).max(256) })
    .optional(),
  DeadLetterConfig: z.strictObject({ Arn: z.string().optional() }).optional(),
  RetryPolicy: z
    .strictObject({
      MaximumRetryAttempts: z.number().int().optional(),
      MaximumEventAgeInSeconds: z.number().int().optional(),
    })
    .optional(),
});

/** What CreateSchedule and UpdateSchedule say besides name and group. */
export const SCHEDULE = {
  ScheduleExpression: z.string().min(1).max(256),
  ScheduleExpressionTimezone: z.string().min(1).max(50).optional(),
  /** Epoch seconds. */
  StartDate: z.number().optional(),
  EndDate: z.number().optional(),
  State: z.enum(['ENABLED', 'DISABLED']).optional(),
  Description: z.string().max(512).optional(),
  FlexibleTimeWindow: z.strictObject({
    Mode: z.enum(['OFF', 'FLEXIBLE']),
    MaximumWindowInMinutes: z.number().int().min(1).max(1440).optional(),
  }),
  ActionAfterCompletion: z.enum(['NONE', 'DELETE']).optional(),
  Target: TARGET,
  ClientToken: z.string().max(64).optional(),
};

export function requestOf(given: z.infer<z.ZodObject<typeof SCHEDULE>>): ScheduleRequest {
  const { StartDate, EndDate, FlexibleTimeWindow: window } = given;
  return {
    expression: given.ScheduleExpression,
    timeZone: given.ScheduleExpressionTimezone ?? 'UTC',
    startAt: StartDate === undefined ? null : StartDate * 1000,
    endAt: EndDate === undefined ? null : EndDate * 1000,
    isEnabled: given.State !== 'DISABLED',
    description: given.Description ?? null,
    windowMinutes: window.Mode === 'OFF' ? null : (window.MaximumWindowInMinutes ?? null),
    isDeletedAfterwards: given.ActionAfterCompletion === 'DELETE',
    target: targetOf(given.Target),
  };
}

const targetOf = (given: z.infer<typeof TARGET>): ScheduleTarget => ({
  arn: given.Arn,
  roleArn: given.RoleArn,
  input: given.Input ?? null,
  messageGroupId: given.SqsParameters?.MessageGroupId ?? null,
  event:
    given.EventBridgeParameters === undefined
      ? null
      : { source: given.EventBridgeParameters.Source, detailType: given.EventBridgeParameters.DetailType },
  deadLetterArn: given.DeadLetterConfig?.Arn ?? null,
  retriesMax: given.RetryPolicy?.MaximumRetryAttempts ?? null,
  ageSecondsMax: given.RetryPolicy?.MaximumEventAgeInSeconds ?? null,
});

export const scheduleMembers = (schedule: Schedule): object => ({
  ...headMembers(schedule),
  ScheduleExpression: schedule.expression,
  ScheduleExpressionTimezone: schedule.timeZone,
  ...(schedule.startAt !== null && { StartDate: schedule.startAt / 1000 }),
  ...(schedule.endAt !== null && { EndDate: schedule.endAt / 1000 }),
  ...(schedule.description !== null && { Description: schedule.description }),
  FlexibleTimeWindow:
    schedule.windowMinutes === null
      ? { Mode: 'OFF' }
      : { Mode: 'FLEXIBLE', MaximumWindowInMinutes: schedule.windowMinutes },
  ActionAfterCompletion: schedule.isDeletedAfterwards ? 'DELETE' : 'NONE',
  Target: targetMembers(schedule.target),
});

export const summaryMembers = (schedule: Schedule): object => ({
  ...headMembers(schedule),
  Target: { Arn: schedule.target.arn },
});

const headMembers = ({ arn, group, name, isEnabled, createdAt, modifiedAt }: Schedule): object => ({
  Arn: arn,
  GroupName: group,
  Name: name,
  State: isEnabled ? 'ENABLED' : 'DISABLED',
  CreationDate: createdAt / 1000,
  LastModificationDate: modifiedAt / 1000,
});

const targetMembers = (target: ScheduleTarget): object => ({
  Arn: target.arn,
  RoleArn: target.roleArn,
  ...(target.input !== null && { Input: target.input }),
  ...(target.messageGroupId !== null && { SqsParameters: { MessageGroupId: target.messageGroupId } }),
  ...(target.event !== null && {
    EventBridgeParameters: { Source: target.event.source, DetailType: target.event.detailType },
  }),
  ...(target.deadLetterArn !== null && { DeadLetterConfig: { Arn: target.deadLetterArn } }),
  RetryPolicy: {
    MaximumRetryAttempts: target.retriesMax ?? TARGET_RETRIES_MAX,
    MaximumEventAgeInSeconds: target.ageSecondsMax ?? EVENT_AGE_SECONDS_MAX,
  },
});
