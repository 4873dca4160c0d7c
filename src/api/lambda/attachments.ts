import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { type Place, parseArn } from '../../arn.js';
import type { EventInvokeConfig, PolicyStatement } from '../../functions/index.js';
import {
  FUNCTION_CODE_BYTES_TOTAL,
  FUNCTION_CONCURRENCY_TOTAL,
  FUNCTION_UNZIPPED_BYTES_MAX,
  FUNCTION_ZIP_BYTES_MAX,
} from '../../limits.js';
import { apiError } from '../errors.js';
import type { Action, ApiCall } from '../port.js';
import { qualifiedName, read, refuseUndone } from './function-input.js';
import { PAGE, pageOf } from './pages.js';
import type { LambdaPorts } from './ports.js';

const FUNCTION = z.object({ FunctionName: z.string() });
const NAMED = z.object({ FunctionName: z.string(), Qualifier: z.string().optional() });
const CONCURRENCY = z.object({ FunctionName: z.string(), ReservedConcurrentExecutions: z.number() });
const DESTINATION = z.object({ Destination: z.string().optional() }).optional();
const EVENT_INVOKE = z.object({
  ...NAMED.shape,
  MaximumRetryAttempts: z.number().optional(),
  MaximumEventAgeInSeconds: z.number().optional(),
  DestinationConfig: z.object({ OnSuccess: DESTINATION, OnFailure: DESTINATION }).optional(),
});
const LIST = z.object({ ...PAGE, FunctionName: z.string() });
const PERMISSION = z.object({
  ...NAMED.shape,
  StatementId: z.string(),
  Action: z.string(),
  Principal: z.string(),
  SourceArn: z.string().optional(),
  SourceAccount: z.string().optional(),
  PrincipalOrgID: z.string().optional(),
  EventSourceToken: z.string().optional(),
  FunctionUrlAuthType: z.string().optional(),
  InvokedViaFunctionUrl: z.boolean().optional(),
  RevisionId: z.string().optional(),
});
const REMOVE_PERMISSION = z.object({ ...NAMED.shape, StatementId: z.string() });

/** What hangs on functions: concurrency, asynchronous calls, permissions, tags; and the account's numbers. */
export const attachmentActions = (ports: LambdaPorts): Readonly<Record<string, Action>> => ({
  ...concurrencyActions(ports),
  ...eventInvokeActions(ports),
  ...permissionActions(ports),
  ...tagActions(ports),
  GetAccountSettings: async (call) => accountSettings(ports, call.place),
});

const concurrencyActions = ({ functions }: LambdaPorts): Readonly<Record<string, Action>> => ({
  PutFunctionConcurrency: async (call) => {
    const { FunctionName: name, ReservedConcurrentExecutions: reservedConcurrency } = read(CONCURRENCY, call);
    await functions.updateConfiguration(name, { reservedConcurrency }, call.place);
    return { ReservedConcurrentExecutions: reservedConcurrency };
  },
  GetFunctionConcurrency: async (call) => {
    const { reservedConcurrency } = functions.get(read(FUNCTION, call).FunctionName, call.place);
    return reservedConcurrency === null ? {} : { ReservedConcurrentExecutions: reservedConcurrency };
  },
  DeleteFunctionConcurrency: async (call) => {
    await functions.updateConfiguration(read(FUNCTION, call).FunctionName, { reservedConcurrency: null }, call.place);
  },
});

function eventInvokeActions({ functions }: LambdaPorts): Readonly<Record<string, Action>> {
  const { attachments } = functions;
  const put =
    (keeps: boolean): Action =>
    async (call) => {
      refuseUndone(call.input, Object.keys(EVENT_INVOKE.shape));
      const input = read(EVENT_INVOKE, call);
      const { DestinationConfig: destinations } = input;
      const given = {
        retriesMax: input.MaximumRetryAttempts,
        ageSecondsMax: input.MaximumEventAgeInSeconds,
        onSuccess: destinations === undefined ? undefined : (destinations.OnSuccess?.Destination ?? null),
        onFailure: destinations === undefined ? undefined : (destinations.OnFailure?.Destination ?? null),
      };
      const settings = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
      const name = nameOf(call);
      return eventInvokeMembers(name, await attachments.putEventInvoke(name, settings, { keeps }, call.place));
    };
  return {
    PutFunctionEventInvokeConfig: put(false),
    UpdateFunctionEventInvokeConfig: put(true),
    GetFunctionEventInvokeConfig: async (call) =>
      eventInvokeMembers(nameOf(call), attachments.eventInvoke(nameOf(call), call.place)),
    DeleteFunctionEventInvokeConfig: async (call) => attachments.removeEventInvoke(nameOf(call), call.place),
    ListFunctionEventInvokeConfigs: async (call) => {
      const input = read(LIST, call);
      const { arn } = functions.get(input.FunctionName, call.place);
      const { items, marker } = pageOf(attachments.eventInvokes(arn, call.place), ([qualifier]) => qualifier, input);
      const configs = items.map(([qualifier, config]) => eventInvokeMembers(`${arn}:${qualifier}`, config));
      return { FunctionEventInvokeConfigs: configs, ...marker };
    },
  };
}

const eventInvokeMembers = (
  name: string,
  { retriesMax, ageSecondsMax, onSuccess, onFailure, lastModifiedAt }: EventInvokeConfig,
): Readonly<Record<string, unknown>> => ({
  LastModified: lastModifiedAt / 1000,
  FunctionArn: name.split(':').length > 7 ? name : `${name}:$LATEST`,
  ...(retriesMax !== null && { MaximumRetryAttempts: retriesMax }),
  ...(ageSecondsMax !== null && { MaximumEventAgeInSeconds: ageSecondsMax }),
  DestinationConfig: {
    OnSuccess: onSuccess === null ? {} : { Destination: onSuccess },
    OnFailure: onFailure === null ? {} : { Destination: onFailure },
  },
});

function permissionActions({ functions }: LambdaPorts): Readonly<Record<string, Action>> {
  const { attachments } = functions;
  return {
    AddPermission: async (call) => {
      refuseUndone(call.input, Object.keys(PERMISSION.shape));
      const statement = await attachments.addPermission(nameOf(call), statementOf(read(PERMISSION, call)), call.place);
      return { Statement: JSON.stringify(statement) };
    },
    RemovePermission: async (call) =>
      attachments.removePermission(nameOf(call), read(REMOVE_PERMISSION, call).StatementId, call.place),
    GetPolicy: async (call) => {
      const Statement = attachments.policy(nameOf(call), call.place);
      return { Policy: JSON.stringify({ Version: '2012-10-17', Id: 'default', Statement }), RevisionId: randomUUID() };
    },
  };
}

function statementOf(input: z.infer<typeof PERMISSION>): PolicyStatement {
  const { StatementId: Sid, Action: action, Principal: principal, SourceArn, SourceAccount } = input;
  const isService = /\.amazonaws\.com(?:\.cn)?$/.test(principal);
  const account = /^\d{12}$/.test(principal) ? `arn:aws:iam::${principal}:root` : principal;
  const Condition = {
    ...(SourceAccount !== undefined && { StringEquals: { 'AWS:SourceAccount': SourceAccount } }),
    ...(SourceArn !== undefined && { ArnLike: { 'AWS:SourceArn': SourceArn } }),
  };
  return {
    Sid,
    Effect: 'Allow',
    Principal: isService ? { Service: principal } : principal === '*' ? '*' : { AWS: account },
    Action: action,
    ...(Object.keys(Condition).length > 0 && { Condition }),
  };
}

const RESOURCE = z.object({ Resource: z.string() });
const TAG = z.object({ Resource: z.string(), Tags: z.record(z.string(), z.string()) });
const UNTAG = z.object({ Resource: z.string(), TagKeys: z.array(z.string()).min(1) });

function tagActions({ functions }: LambdaPorts): Readonly<Record<string, Action>> {
  const { attachments } = functions;
  return {
    TagResource: async (call) => {
      const { Resource: arn, Tags: put } = read(TAG, call);
      await attachments.changeTags(taggable(arn), { put }, call.place);
    },
    UntagResource: async (call) => {
      const { Resource: arn, TagKeys: remove } = read(UNTAG, call);
      await attachments.changeTags(taggable(arn), { remove }, call.place);
    },
    ListTags: async (call) => ({ Tags: attachments.tags(taggable(read(RESOURCE, call).Resource), call.place) }),
  };
}

function taggable(arn: string): string {
  if (parseArn(arn)?.resource.startsWith('function:')) return arn;
  throw apiError(
    'InvalidParameterValueException',
    `Expected the ARN of a function, but got '${arn.slice(0, 200)}': other resources of Lambda have no tags here yet.`,
  );
}

/** The function that the call names, with its qualifier. */
function nameOf(call: ApiCall): string {
  const { FunctionName: name, Qualifier: qualifier } = read(NAMED, call);
  return qualifiedName(name, qualifier, call.place);
}

function accountSettings({ functions }: LambdaPorts, place: Place): Readonly<Record<string, unknown>> {
  const all = functions.list(place);
  const reserved = all.reduce((sum, { reservedConcurrency }) => sum + (reservedConcurrency ?? 0), 0);
  return {
    AccountLimit: {
      TotalCodeSize: FUNCTION_CODE_BYTES_TOTAL,
      CodeSizeUnzipped: FUNCTION_UNZIPPED_BYTES_MAX,
      CodeSizeZipped: FUNCTION_ZIP_BYTES_MAX,
      ConcurrentExecutions: FUNCTION_CONCURRENCY_TOTAL,
      UnreservedConcurrentExecutions: Math.max(0, FUNCTION_CONCURRENCY_TOTAL - reserved),
    },
    AccountUsage: {
      TotalCodeSize: all.reduce((sum, { codeSize }) => sum + codeSize, 0),
      FunctionCount: all.length,
    },
  };
}
