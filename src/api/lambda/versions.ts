import { z } from 'zod';
import type { AliasSettings, FunctionAlias, FunctionConfiguration } from '../../functions/index.js';
import type { Action } from '../port.js';
import { configurationMembers } from './configuration-output.js';
import { read, refuseUndone } from './function-input.js';
import { PAGE, pageOf } from './pages.js';
import type { LambdaPorts } from './ports.js';

const PUBLISH = z.object({
  FunctionName: z.string(),
  CodeSha256: z.string().optional(),
  Description: z.string().optional(),
  RevisionId: z.string().optional(),
});
const LIST = z.object({ ...PAGE, FunctionName: z.string() });
const LIST_ALIASES = z.object({ ...PAGE, FunctionName: z.string(), FunctionVersion: z.string().optional() });
const NAMED = z.object({ FunctionName: z.string(), Name: z.string() });

const ROUTING = z.object({ AdditionalVersionWeights: z.record(z.string(), z.number()).optional() });
const CREATE_ALIAS = z.object({
  FunctionName: z.string(),
  Name: z.string(),
  FunctionVersion: z.string(),
  Description: z.string().optional(),
  RoutingConfig: ROUTING.optional(),
});
const UPDATE_ALIAS = z.object({
  ...CREATE_ALIAS.shape,
  FunctionVersion: z.string().optional(),
  RevisionId: z.string().optional(),
});

/** PublishVersion and the actions of aliases. */
export function versionActions({ functions }: LambdaPorts): Readonly<Record<string, Action>> {
  const { versions } = functions;
  return {
    PublishVersion: async (call) => {
      refuseUndone(call.input, Object.keys(PUBLISH.shape));
      const { FunctionName: name, CodeSha256: codeSha256, Description, RevisionId: revisionId } = read(PUBLISH, call);
      const description = Description === '' ? undefined : Description;
      return versionMembers(await versions.publish(name, call.place, { codeSha256, description, revisionId }));
    },
    ListVersionsByFunction: async (call) => {
      const input = read(LIST, call);
      const { items, marker } = pageOf(versions.list(input.FunctionName, call.place), orderOf, input);
      return { Versions: items.map(versionMembers), ...marker };
    },
    CreateAlias: async (call) => {
      refuseUndone(call.input, Object.keys(CREATE_ALIAS.shape));
      const input = read(CREATE_ALIAS, call);
      const { FunctionName: functionName, Name: name, FunctionVersion: version } = input;
      const alias = await versions.createAlias(functionName, { ...aliasSettings(input), name, version }, call.place);
      return aliasMembers(functions.get(functionName, call.place), alias);
    },
    UpdateAlias: async (call) => {
      refuseUndone(call.input, Object.keys(UPDATE_ALIAS.shape));
      const input = read(UPDATE_ALIAS, call);
      const { FunctionName: functionName, Name: name, RevisionId: revisionId } = input;
      const alias = await versions.updateAlias(functionName, { ...aliasSettings(input), name, revisionId }, call.place);
      return aliasMembers(functions.get(functionName, call.place), alias);
    },
    GetAlias: async (call) => {
      const { FunctionName: functionName, Name: name } = read(NAMED, call);
      const alias = versions.alias(functionName, name, call.place);
      return aliasMembers(functions.get(functionName, call.place), alias);
    },
    ListAliases: async (call) => {
      const input = read(LIST_ALIASES, call);
      const { FunctionName: functionName, FunctionVersion: version } = input;
      const found = functions.get(functionName, call.place);
      const { items, marker } = pageOf(versions.aliases(functionName, call.place, version), ({ name }) => name, input);
      return { Aliases: items.map((alias) => aliasMembers(found, alias)), ...marker };
    },
    DeleteAlias: async (call) => {
      const { FunctionName: functionName, Name: name } = read(NAMED, call);
      await versions.removeAlias(functionName, name, call.place);
    },
  };
}

/** Numbers in their order, behind `$LATEST`. */
const orderOf = ({ version }: FunctionConfiguration): string =>
  version === '$LATEST' ? '' : version.padStart(16, '0');

/** A version is shown with its number in its ARN. */
export const versionMembers = (configuration: FunctionConfiguration): Readonly<Record<string, unknown>> =>
  configurationMembers(configuration, configuration.version);

function aliasSettings(input: {
  readonly FunctionVersion?: string | undefined;
  readonly Description?: string | undefined;
  readonly RoutingConfig?: z.infer<typeof ROUTING> | undefined;
}): Partial<AliasSettings> {
  const settings = {
    version: input.FunctionVersion,
    description: input.Description,
    routing: input.RoutingConfig === undefined ? undefined : (input.RoutingConfig.AdditionalVersionWeights ?? {}),
  };
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}

const aliasMembers = (
  { arn }: FunctionConfiguration,
  { name, version, description, routing, revisionId }: FunctionAlias,
): Readonly<Record<string, unknown>> => ({
  AliasArn: `${arn}:${name}`,
  Name: name,
  FunctionVersion: version,
  Description: description,
  ...(Object.keys(routing).length > 0 && { RoutingConfig: { AdditionalVersionWeights: routing } }),
  RevisionId: revisionId,
});
