import { z } from 'zod';
import { parseArn } from '../../arn.js';
import type { EventSourceMapping, MappingSettings } from '../../services/event-sources/mapping.js';
import type { Action, ApiCall } from '../port.js';
import { qualifiedName, read, refuseUndone } from './function-input.js';
import { PAGE, pageOf } from './pages.js';
import type { LambdaPorts } from './ports.js';

const SETTINGS = {
  BatchSize: z.number().optional(),
  Enabled: z.boolean().optional(),
  FunctionResponseTypes: z.array(z.enum(['ReportBatchItemFailures'])).optional(),
  FilterCriteria: z.object({ Filters: z.array(z.object({ Pattern: z.string().optional() })).optional() }).optional(),
  MaximumBatchingWindowInSeconds: z.number().optional(),
  ScalingConfig: z.object({ MaximumConcurrency: z.number().optional() }).optional(),
  BisectBatchOnFunctionError: z.boolean().optional(),
  MaximumRecordAgeInSeconds: z.number().optional(),
  MaximumRetryAttempts: z.number().optional(),
};
const CREATE = z.object({
  ...SETTINGS,
  EventSourceArn: z.string(),
  FunctionName: z.string(),
  StartingPosition: z.enum(['TRIM_HORIZON', 'LATEST']).optional(),
});
const UPDATE = z.object({ ...SETTINGS, UUID: z.string(), FunctionName: z.string().optional() });
const NAMED = z.object({ UUID: z.string() });
const LIST = z.object({ ...PAGE, EventSourceArn: z.string().optional(), FunctionName: z.string().optional() });

/** The actions of event source mappings. */
export function eventSourceActions({ sources }: LambdaPorts): Readonly<Record<string, Action>> {
  return {
    CreateEventSourceMapping: async (call) => {
      refuseUndone(call.input, Object.keys(CREATE.shape));
      const input = read(CREATE, call);
      const functionArn = arnOf(input.FunctionName, call);
      return members(
        await sources.create(input.EventSourceArn, {
          ...settingsOf(input),
          ...(input.StartingPosition !== undefined && { startingPosition: input.StartingPosition }),
          functionArn,
        }),
      );
    },
    UpdateEventSourceMapping: async (call) => {
      refuseUndone(call.input, Object.keys(UPDATE.shape));
      const input = read(UPDATE, call);
      const { FunctionName: name } = input;
      const called = name === undefined ? {} : { functionArn: arnOf(name, call) };
      return members(await sources.update(input.UUID, { ...settingsOf(input), ...called }));
    },
    GetEventSourceMapping: async (call) => members(sources.get(read(NAMED, call).UUID)),
    DeleteEventSourceMapping: async (call) => ({
      ...members(await sources.remove(read(NAMED, call).UUID)),
      State: 'Deleting',
    }),
    ListEventSourceMappings: async (call) => {
      const input = read(LIST, call);
      const functionArn = input.FunctionName === undefined ? undefined : arnOf(input.FunctionName, call);
      const found = sources.list({ functionArn, sourceArn: input.EventSourceArn });
      const { items, marker } = pageOf(found, ({ uuid }) => uuid, input);
      return { EventSourceMappings: items.map(members), ...marker };
    },
  };
}

const arnOf = (name: string, call: ApiCall): string => qualifiedName(name, undefined, call.place);

function settingsOf(input: Partial<z.infer<typeof UPDATE>>): Partial<MappingSettings> {
  const settings = {
    batchSize: input.BatchSize,
    windowSeconds: input.MaximumBatchingWindowInSeconds,
    isEnabled: input.Enabled,
    reportsItemFailures: input.FunctionResponseTypes === undefined ? undefined : input.FunctionResponseTypes.length > 0,
    filters: input.FilterCriteria && (input.FilterCriteria.Filters ?? []).map(({ Pattern = '{}' }) => Pattern),
    bisects: input.BisectBatchOnFunctionError,
    retriesMax: input.MaximumRetryAttempts,
    recordAgeSecondsMax: input.MaximumRecordAgeInSeconds,
    concurrencyMax: input.ScalingConfig === undefined ? undefined : (input.ScalingConfig.MaximumConcurrency ?? null),
  };
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}

function members(mapping: EventSourceMapping): Readonly<Record<string, unknown>> {
  const { uuid, concurrencyMax, functionArn, sourceArn } = mapping;
  const { region, account } = parseArn(functionArn) ?? { region: '', account: '' };
  return {
    UUID: uuid,
    EventSourceMappingArn: `arn:aws:lambda:${region}:${account}:event-source-mapping:${uuid}`,
    EventSourceArn: sourceArn,
    FunctionArn: functionArn,
    BatchSize: mapping.batchSize,
    MaximumBatchingWindowInSeconds: mapping.windowSeconds,
    FunctionResponseTypes: mapping.reportsItemFailures ? ['ReportBatchItemFailures'] : [],
    ...(mapping.filters.length > 0 && {
      FilterCriteria: { Filters: mapping.filters.map((Pattern) => ({ Pattern })) },
    }),
    ...(concurrencyMax !== null && { ScalingConfig: { MaximumConcurrency: concurrencyMax } }),
    ...(mapping.startingPosition !== null && {
      StartingPosition: mapping.startingPosition,
      BisectBatchOnFunctionError: mapping.bisects,
      MaximumRecordAgeInSeconds: mapping.recordAgeSecondsMax,
      MaximumRetryAttempts: mapping.retriesMax,
      ParallelizationFactor: 1,
      TumblingWindowInSeconds: 0,
      LastProcessingResult: 'No records processed',
      DestinationConfig: { OnFailure: {} },
    }),
    State: mapping.isEnabled ? 'Enabled' : 'Disabled',
    StateTransitionReason: 'USER_INITIATED',
    LastModified: mapping.lastModifiedAt / 1000,
  };
}
