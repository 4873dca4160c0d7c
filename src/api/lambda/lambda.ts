import { z } from 'zod';
import type { FunctionRefusal } from '../../functions/index.js';
import { apiError } from '../errors.js';
import { type Action, type ApiCall, ApiError, type ApiService } from '../port.js';
import { configurationMembers, functionMembers } from './configuration-output.js';
import {
  CREATE,
  checkRevision,
  codeOf,
  read,
  refuseUndone,
  settingsOf,
  UPDATE_CODE,
  UPDATE_CONFIGURATION,
} from './function-input.js';
import { invokeAction } from './invoke.js';
import type { LambdaPorts } from './ports.js';

/** AWS: functions on a page. */
const PAGE_ITEMS_MAX = 50;

/** Lambda's actions: functions, and their invocation. Versions, aliases, layers and policies are not among them. */
export function lambdaService(ports: LambdaPorts): ApiService {
  const { functions } = ports;
  const actions: Readonly<Record<string, Action>> = {
    CreateFunction: async (call) => {
      refuseUndone(call.input, Object.keys(CREATE.shape));
      const input = read(CREATE, call);
      const { FunctionName: name, Code, Runtime: runtime, Handler: handler } = input;
      const { place } = call;
      return configurationMembers(
        await functions.create({ ...settingsOf(input), name, place, runtime, handler, code: codeOf(Code) }),
      );
    },
    UpdateFunctionCode: async (call) => {
      refuseUndone(call.input, Object.keys(UPDATE_CODE.shape));
      const input = read(UPDATE_CODE, call);
      const found = functions.get(input.FunctionName, call.place);
      checkRevision(found, input.RevisionId);
      if (input.DryRun === true) return configurationMembers(found);
      return configurationMembers(await functions.updateCode(input.FunctionName, codeOf(input), call.place));
    },
    UpdateFunctionConfiguration: async (call) => {
      refuseUndone(call.input, Object.keys(UPDATE_CONFIGURATION.shape));
      const input = read(UPDATE_CONFIGURATION, call);
      checkRevision(functions.get(input.FunctionName, call.place), input.RevisionId);
      return configurationMembers(
        await functions.updateConfiguration(input.FunctionName, settingsOf(input), call.place),
      );
    },
    GetFunction: async (call) => functionMembers(functions.get(named(call), call.place)),
    GetFunctionConfiguration: async (call) => configurationMembers(functions.get(named(call), call.place)),
    ListFunctions: async (call) => listFunctions(ports, call),
    DeleteFunction: async (call) => functions.remove(named(call), call.place),
    Invoke: invokeAction(ports),
  };
  return {
    name: 'lambda',
    actions: new Map(Object.entries(actions).map(([name, action]) => [name, withRefusals(action)])),
  };
}

const withRefusals =
  (action: Action): Action =>
  async (call) => {
    try {
      return await action(call);
    } catch (fault) {
      if (isRefusal(fault)) throw new ApiError(fault.code, fault.message, fault.status);
      throw fault;
    }
  };

const isRefusal = (fault: unknown): fault is FunctionRefusal =>
  fault instanceof Error && fault.name === 'FunctionRefusal';

const NAMED = z.object({ FunctionName: z.string(), Qualifier: z.string().optional() });

/** The name with its qualifier; functions know `$LATEST` only. */
function named(call: ApiCall): string {
  const { FunctionName: name, Qualifier: qualifier } = read(NAMED, call);
  return qualifier === undefined ? name : `${name}:${qualifier}`;
}

const PAGE = z.object({
  Marker: z.string().optional(),
  MaxItems: z.coerce.number().int().min(1).max(10_000).optional(),
  FunctionVersion: z.literal('ALL').optional(),
  MasterRegion: z.string().optional(),
});

function listFunctions({ functions }: LambdaPorts, call: ApiCall): unknown {
  const input = read(PAGE, call);
  if (input.MasterRegion !== undefined) {
    throw apiError(
      'InvalidParameterValueException',
      'Treadle has no functions at edge locations. Leave MasterRegion out.',
    );
  }
  const after = input.Marker === undefined ? '' : Buffer.from(input.Marker, 'base64url').toString();
  const rest = functions.list(call.place).filter(({ name }) => name > after);
  const shown = rest.slice(0, Math.min(input.MaxItems ?? PAGE_ITEMS_MAX, PAGE_ITEMS_MAX));
  const last = shown.length < rest.length ? shown.at(-1) : undefined;
  return {
    Functions: shown.map(configurationMembers),
    ...(last === undefined ? {} : { NextMarker: Buffer.from(last.name).toString('base64url') }),
  };
}
