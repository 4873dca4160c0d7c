import { z } from 'zod';
import type { LayerVersion } from '../../functions/index.js';
import { apiError } from '../errors.js';
import type { Action } from '../port.js';
import { CODE, codeOf, read, refuseUndone } from './function-input.js';
import { PAGE, pageOf } from './pages.js';
import type { LambdaPorts } from './ports.js';

const PUBLISH = z.object({
  LayerName: z.string().min(1),
  Content: z.object(CODE),
  Description: z.string().optional(),
  LicenseInfo: z.string().optional(),
  CompatibleRuntimes: z.array(z.string()).optional(),
  CompatibleArchitectures: z.array(z.string()).optional(),
});
const NUMBERED = z.object({ LayerName: z.string().min(1), VersionNumber: z.coerce.number().int() });
const FILTERS = { ...PAGE, CompatibleRuntime: z.string().optional(), CompatibleArchitecture: z.string().optional() };
const LIST = z.object({ ...FILTERS, Arn: z.string().optional() });
const LIST_VERSIONS = z.object({ ...FILTERS, LayerName: z.string().min(1) });

/** The actions of layers. */
export function layerActions({ functions, objects }: LambdaPorts): Readonly<Record<string, Action>> {
  const { layers } = functions;
  return {
    PublishLayerVersion: async (call) => {
      refuseUndone(call.input, Object.keys(PUBLISH.shape));
      const input = read(PUBLISH, call);
      const code = await codeOf(input.Content, { objects, place: call.place });
      if (code.type !== 'zip') throw apiError('InvalidParameterValueException', 'Give the layer as a zip in ZipFile.');
      const published = await layers.publish(call.place, {
        ...{ name: input.LayerName, bytes: code.bytes, description: input.Description, licenseInfo: input.LicenseInfo },
        ...{ runtimes: input.CompatibleRuntimes, architectures: input.CompatibleArchitectures },
      });
      return wholeMembers(published);
    },
    GetLayerVersion: async (call) => {
      const { LayerName, VersionNumber } = read(NUMBERED, call);
      return wholeMembers(layers.get(call.place, LayerName, VersionNumber));
    },
    DeleteLayerVersion: async (call) => {
      const { LayerName, VersionNumber } = read(NUMBERED, call);
      await layers.remove(call.place, LayerName, VersionNumber);
    },
    ListLayerVersions: async (call) => {
      const input = read(LIST_VERSIONS, call);
      const found = layers.versions(call.place, input.LayerName).filter(matching(input));
      // The newest comes first.
      const order = ({ version }: LayerVersion): string => String(Number.MAX_SAFE_INTEGER - version);
      const { items, marker } = pageOf(found, order, input);
      return { LayerVersions: items.map(members), ...marker };
    },
    ListLayers: async (call) => {
      const input = read(LIST, call);
      if (input.Arn !== undefined) {
        // GetLayerVersionByArn: the same path, told apart by its query.
        const [, layer = '', number = ''] = /^(.*):(\d+)$/.exec(input.Arn) ?? [];
        return wholeMembers(layers.get(call.place, layer, Number(number)));
      }
      const { items, marker } = pageOf(layers.list(call.place).filter(matching(input)), ({ name }) => name, input);
      const shown = items.map((latest) => ({
        LayerName: latest.name,
        LayerArn: latest.layerArn,
        LatestMatchingVersion: members(latest),
      }));
      return { Layers: shown, ...marker };
    },
  };
}

const matching =
  (input: { readonly CompatibleRuntime?: string | undefined; readonly CompatibleArchitecture?: string | undefined }) =>
  ({ runtimes, architectures }: LayerVersion): boolean =>
    (input.CompatibleRuntime === undefined || runtimes.includes(input.CompatibleRuntime)) &&
    (input.CompatibleArchitecture === undefined || architectures.includes(input.CompatibleArchitecture));

const members = (version: LayerVersion): Readonly<Record<string, unknown>> => ({
  LayerVersionArn: version.arn,
  Version: version.version,
  Description: version.description,
  CreatedDate: new Date(version.createdAt).toISOString().replace('Z', '+0000'),
  ...(version.runtimes.length > 0 && { CompatibleRuntimes: version.runtimes }),
  ...(version.architectures.length > 0 && { CompatibleArchitectures: version.architectures }),
  ...(version.licenseInfo !== null && { LicenseInfo: version.licenseInfo }),
});

/** There is no download link: code that Treadle keeps has no address. */
const wholeMembers = (version: LayerVersion): Readonly<Record<string, unknown>> => ({
  ...members(version),
  LayerArn: version.layerArn,
  Content: { CodeSha256: version.codeSha256, CodeSize: version.codeSize },
});
