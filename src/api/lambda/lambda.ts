import { z } from 'zod';
import { type FunctionConfiguration, type FunctionRefusal, parseFunctionReference } from '../../functions/index.js';
import type { EventSourceFault } from '../../services/event-sources/fault.js';
import { apiError } from '../errors.js';
import { type Action, type ApiCall, ApiError, type ApiService } from '../port.js';
import { serviceOf } from '../service.js';
import { attachmentActions } from './attachments.js';
import { configurationMembers, functionMembers } from './configuration-output.js';
import { eventSourceActions } from './event-sources.js';
import {
  CREATE,
  checkRevision,
  codeOf,
  qualifiedName,
  read,
  refuseUndone,
  settingsOf,
  UPDATE_CODE,
  UPDATE_CONFIGURATION,
} from './function-input.js';
import { invokeAction } from './invoke.js';
import { layerActions } from './layers.js';
import { PAGE, pageOf } from './pages.js';
import type { LambdaPorts } from './ports.js';
import { urlActions } from './urls.js';
import { versionActions, versionMembers } from './versions.js';

/** Lambda's actions. */
export function lambdaService(ports: LambdaPorts): ApiService {
  const { functions } = ports;
  const actions: Readonly<Record<string, Action>> = {
    CreateFunction: async (call) => {
      refuseUndone(call.input, Object.keys(CREATE.shape));
      const input = read(CREATE, call);
      const { FunctionName: name, Code, Runtime: runtime, Handler: handler } = input;
      const { place } = call;
      const code = await codeOf(Code, { ...ports, place });
      const request = { ...settingsOf(input, functions), name, place, runtime, handler, code };
      const created = await functions.create(request);
      if (input.Tags !== undefined) await functions.attachments.changeTags(name, { put: input.Tags }, place);
      return input.Publish === true
        ? versionMembers(await functions.versions.publish(name, place))
        : configurationMembers(created);
    },
    UpdateFunctionCode: async (call) => {
      refuseUndone(call.input, Object.keys(UPDATE_CODE.shape));
      const input = read(UPDATE_CODE, call);
      const found = functions.get(input.FunctionName, call.place);
      checkRevision(found, input.RevisionId);
      if (input.DryRun === true) return configurationMembers(found);
      const { FunctionName: name } = input;
      const code = await codeOf(input, { ...ports, place: call.place });
      const updated = await functions.updateCode(name, code, call.place);
      return input.Publish === true
        ? versionMembers(await functions.versions.publish(name, call.place))
        : configurationMembers(updated);
    },
    UpdateFunctionConfiguration: async (call) => {
      refuseUndone(call.input, Object.keys(UPDATE_CONFIGURATION.shape));
      const input = read(UPDATE_CONFIGURATION, call);
      checkRevision(functions.get(input.FunctionName, call.place), input.RevisionId);
      return configurationMembers(
        await functions.updateConfiguration(input.FunctionName, settingsOf(input, functions), call.place),
      );
    },
    GetFunction: async (call) => {
      const found = functions.find(named(call), call.place);
      const { arn } = found.configuration;
      return functionMembers(found, functions.get(arn), functions.attachments.tags(arn, call.place));
    },
    GetFunctionConfiguration: async (call) => {
      const { configuration, qualifier } = functions.find(named(call), call.place);
      return configurationMembers(configuration, qualifier);
    },
    ListFunctions: async (call) => listFunctions(ports, call),
    DeleteFunction: async (call) => deleteFunction(ports, call),
    Invoke: invokeAction(ports),
    ...versionActions(ports),
    ...eventSourceActions(ports),
    ...attachmentActions(ports),
    ...layerActions(ports),
    ...urlActions(ports),
  };
  return serviceOf('lambda', actions, errorOf);
}

const errorOf = (fault: unknown): ApiError | null =>
  isRefusal(fault) ? new ApiError(fault.code, fault.message, fault.status) : null;

const isRefusal = (fault: unknown): fault is FunctionRefusal | EventSourceFault =>
  fault instanceof Error && (fault.name === 'FunctionRefusal' || fault.name === 'EventSourceFault');

const NAMED = z.object({ FunctionName: z.string(), Qualifier: z.string().optional() });

/** The name with its qualifier. Throws InvalidParameterValueException when there are two that differ. */
function named(call: ApiCall): string {
  const { FunctionName: name, Qualifier: qualifier } = read(NAMED, call);
  return qualifiedName(name, qualifier, call.place);
}

/** The function as a whole, or one version of it. */
async function deleteFunction({ functions, urls }: LambdaPorts, call: ApiCall): Promise<void> {
  const name = named(call);
  const qualifier = parseFunctionReference(name, call.place)?.qualifier ?? null;
  if (qualifier === null) {
    const { arn } = functions.get(name, call.place);
    await functions.remove(name, call.place);
    for (const { functionArn } of urls.list(arn)) await urls.remove(functionArn);
    return;
  }
  if (qualifier === '$LATEST') {
    const message = '$LATEST version cannot be deleted without deleting the function.';
    throw apiError('InvalidParameterValueException', message);
  }
  if (!/^\d+$/.test(qualifier)) {
    const message =
      'Deletion of aliases is not currently supported. Give the number of a version, or delete the alias with DeleteAlias.';
    throw apiError('InvalidParameterValueException', message);
  }
  await functions.versions.removeVersion(name, qualifier, call.place);
}

const LIST = z.object({
  ...PAGE,
  FunctionVersion: z.literal('ALL').optional(),
  MasterRegion: z.string().optional(),
});

function listFunctions({ functions }: LambdaPorts, call: ApiCall): unknown {
  const input = read(LIST, call);
  if (input.MasterRegion !== undefined) {
    throw apiError(
      'InvalidParameterValueException',
      'Treadle has no functions at edge locations. Leave MasterRegion out.',
    );
  }
  const latest = functions.list(call.place);
  if (input.FunctionVersion === undefined) {
    const { items, marker } = pageOf(latest, ({ name }) => name, input);
    return { Functions: items.map((found) => configurationMembers(found)), ...marker };
  }
  const all = latest.flatMap(({ name }) => functions.versions.list(name, call.place));
  const orderOf = ({ name, version }: FunctionConfiguration): string =>
    `${name} ${version === '$LATEST' ? '' : version.padStart(16, '0')}`;
  const { items, marker } = pageOf(all, orderOf, input);
  return { Functions: items.map(versionMembers), ...marker };
}
