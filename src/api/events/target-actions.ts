import { z } from 'zod';
import { EVENT_TARGET_INPUT_CHARS_MAX, EVENT_TARGET_PATHS_MAX } from '../../limits/services.js';
import type { Rules } from '../../services/events/rules.js';
import type { Target } from '../../services/events/target.js';
import type { Action } from '../port.js';
import { BUS, NAME, PAGE, paged, read, TEXT } from './members.js';

const ID = z.string().regex(/^[.\-_A-Za-z0-9]{1,64}$/);
const TARGET = z.strictObject({
  Id: ID,
  Arn: z.string().min(1).max(1600),
  RoleArn: TEXT,
  Input: z.string().max(EVENT_TARGET_INPUT_CHARS_MAX).optional(),
  InputPath: z.string().max(256).optional(),
  InputTransformer: z
    .strictObject({
      InputPathsMap: z
        .record(z.string(), z.string())
        .refine((paths) => Object.keys(paths).length <= EVENT_TARGET_PATHS_MAX)
        .optional(),
      InputTemplate: z.string().min(1).max(EVENT_TARGET_INPUT_CHARS_MAX),
    })
    .optional(),
  SqsParameters: z.strictObject({ MessageGroupId: z.string().optional() }).optional(),
  DeadLetterConfig: z.strictObject({ Arn: z.string().optional() }).optional(),
  RetryPolicy: z
    .strictObject({
      MaximumRetryAttempts: z.number().int().optional(),
      MaximumEventAgeInSeconds: z.number().int().optional(),
    })
    .optional(),
});

export type TargetMembers = z.infer<typeof TARGET>;

export function targetActions(rules: Rules): Record<string, Action> {
  return {
    PutTargets: async (call) => {
      const shape = { Rule: NAME, EventBusName: BUS, Targets: z.array(TARGET).min(1).max(100) };
      const { Rule, EventBusName, Targets } = read(shape, call);
      await rules.putTargets(rules.get(call.place, EventBusName, Rule), Targets.map(targetOf));
      return { FailedEntryCount: 0, FailedEntries: [] };
    },
    RemoveTargets: async (call) => {
      const { Rule, EventBusName, Ids } = read(
        { Rule: NAME, EventBusName: BUS, Ids: z.array(ID).min(1).max(100), Force: z.boolean().optional() },
        call,
      );
      await rules.removeTargets(rules.get(call.place, EventBusName, Rule), Ids);
      return { FailedEntryCount: 0, FailedEntries: [] };
    },
    ListTargetsByRule: async (call) => {
      const members = read({ Rule: NAME, EventBusName: BUS, ...PAGE.shape }, call);
      const { targets } = rules.get(call.place, members.EventBusName, members.Rule);
      const byId = [...targets].sort((a, b) => (a.id < b.id ? -1 : 1));
      const { shown, token } = paged(byId, members, ({ id }) => id);
      return { Targets: shown.map(targetMembers), ...token };
    },
    ListRuleNamesByTarget: async (call) => {
      const members = read({ TargetArn: z.string(), EventBusName: BUS, ...PAGE.shape }, call);
      const all = rules.rulesOf(rules.bus(call.place, members.EventBusName).arn);
      const names = all.filter(({ targets }) => targets.some(({ arn }) => arn === members.TargetArn));
      const { shown, token } = paged(names, members, ({ name }) => name);
      return { RuleNames: shown.map(({ name }) => name), ...token };
    },
  };
}

const targetOf = (given: TargetMembers): Target => ({
  id: given.Id,
  arn: given.Arn,
  roleArn: given.RoleArn,
  input: given.Input ?? null,
  inputPath: given.InputPath ?? null,
  inputTransformer:
    given.InputTransformer === undefined
      ? null
      : {
          inputPathsMap: given.InputTransformer.InputPathsMap ?? {},
          inputTemplate: given.InputTransformer.InputTemplate,
        },
  messageGroupId: given.SqsParameters?.MessageGroupId ?? null,
  deadLetterArn: given.DeadLetterConfig?.Arn ?? null,
  retriesMax: given.RetryPolicy?.MaximumRetryAttempts ?? null,
  ageSecondsMax: given.RetryPolicy?.MaximumEventAgeInSeconds ?? null,
});

function targetMembers(target: Target): object {
  const { inputTransformer, retriesMax, ageSecondsMax } = target;
  const retry = {
    ...(retriesMax !== null && { MaximumRetryAttempts: retriesMax }),
    ...(ageSecondsMax !== null && { MaximumEventAgeInSeconds: ageSecondsMax }),
  };
  return {
    Id: target.id,
    Arn: target.arn,
    ...(target.roleArn !== null && { RoleArn: target.roleArn }),
    ...(target.input !== null && { Input: target.input }),
    ...(target.inputPath !== null && { InputPath: target.inputPath }),
    ...(inputTransformer !== null && {
      InputTransformer: {
        InputPathsMap: inputTransformer.inputPathsMap,
        InputTemplate: inputTransformer.inputTemplate,
      },
    }),
    ...(target.messageGroupId !== null && { SqsParameters: { MessageGroupId: target.messageGroupId } }),
    ...(target.deadLetterArn !== null && { DeadLetterConfig: { Arn: target.deadLetterArn } }),
    ...(Object.keys(retry).length > 0 && { RetryPolicy: retry }),
  };
}
