import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import type { Place } from '../../arn.js';
import { readFolder } from '../../functions/folder-hash.js';
import type { Functions, Layers } from '../../functions/index.js';
import { packZip } from '../../functions/zip.js';
import type { EventSources } from '../../services/event-sources/event-sources.js';
import {
  type AliasSettings,
  type CodeLocation,
  differences,
  type EventInvokeSettings,
  type EventSourceSettings,
  type LayerSettings,
  type ObjectPort,
  type PlannedVersion,
  PUBLISHED,
  type SettingsPort,
} from '../../templates/index.js';

export function versionPort({ versions }: Functions, place: Place): SettingsPort<PlannedVersion['settings']> {
  return {
    async compare({ name }) {
      if ((await versions.published(name, place)) !== null) return [];
      return versions.list(name, place).length === 1 ? null : ['version'];
    },
    async put({ name, description }) {
      await versions.publish(name, place, description === null ? {} : { description });
    },
    // Deploying never deletes a version.
    remove: async () => undefined,
  };
}

export function aliasPort(functions: Functions, place: Place): SettingsPort<AliasSettings> {
  const { versions } = functions;
  const find = (functionName: string, alias: string) =>
    functions.lookUp(`${functionName}:${alias}`, place)?.alias ?? null;
  return {
    async compare({ functionName, alias, version, description, routing }) {
      const found = find(functionName, alias);
      if (found === null) return null;
      const number = version === PUBLISHED ? (await versions.published(functionName, place))?.version : version;
      const actual = { version: found.version, description: found.description, routing: found.routing };
      return differences(actual, { version: number, description, routing });
    },
    async put({ functionName, alias, version: wanted, description, routing }) {
      const version = wanted === PUBLISHED ? (await versions.publish(functionName, place)).version : wanted;
      const settings = { name: alias, version, description, routing };
      if (find(functionName, alias) === null) await versions.createAlias(functionName, settings, place);
      else await versions.updateAlias(functionName, settings, place);
    },
    async remove(arn) {
      const [functionName = '', alias = ''] = arn.split(':').slice(6);
      if (find(functionName, alias) !== null) await versions.removeAlias(functionName, alias, place);
    },
  };
}

export function layerPort(layers: Layers, objects: ObjectPort, place: Place): SettingsPort<LayerSettings> {
  return {
    async compare({ name, description, runtimes, content }) {
      const [newest] = layers.versions(place, name);
      if (newest === undefined) return null;
      const codeSha256 = createHash('sha256')
        .update(await zipOf(content, objects))
        .digest('base64');
      const actual = { description: newest.description, runtimes: newest.runtimes, codeSha256: newest.codeSha256 };
      return differences(actual, { description, runtimes, codeSha256 });
    },
    async put({ name, description, runtimes, content }) {
      await layers.publish(place, { name, description, runtimes, bytes: await zipOf(content, objects) });
    },
    // Deploying never deletes a version.
    remove: async () => undefined,
  };
}

const zipOf = (content: CodeLocation, objects: ObjectPort): Promise<Uint8Array> =>
  content.type === 'path' ? zipAt(content.path) : objects.withFile(content.object, zipAt);

const zipAt = async (path: string): Promise<Uint8Array> =>
  (await stat(path)).isDirectory() ? packZip(await readFolder(path)) : await readFile(path);

export function eventSourcePort(sources: EventSources): SettingsPort<EventSourceSettings> {
  const find = (sourceArn: string, called: string) => sources.list({ sourceArn, functionArn: called })[0] ?? null;
  return {
    async compare({ name: _, ...desired }) {
      const found = find(desired.sourceArn, desired.functionArn);
      return found === null ? null : differences(found, desired);
    },
    async put({ name: _, sourceArn, ...settings }) {
      const found = find(sourceArn, settings.functionArn);
      if (found === null) await sources.create(sourceArn, settings);
      else await sources.update(found.uuid, settings);
    },
    async remove(pair) {
      const [sourceArn = '', called = ''] = pair.split(' ');
      const found = find(sourceArn, called);
      if (found !== null) await sources.remove(found.uuid);
    },
  };
}

export function eventInvokePort(functions: Functions, place: Place): SettingsPort<EventInvokeSettings> {
  const { attachments, versions } = functions;
  const nameOf = async ({ functionName, qualifier }: EventInvokeSettings): Promise<string> => {
    const number = qualifier === PUBLISHED ? (await versions.published(functionName, place))?.version : qualifier;
    return `${functionName}:${number ?? PUBLISHED}`;
  };
  return {
    async compare(desired) {
      const { retriesMax, ageSecondsMax, onSuccess, onFailure } = desired;
      const found = attachments.findEventInvoke(await nameOf(desired), place);
      if (found === null) return null;
      const { lastModifiedAt, ...actual } = found;
      return differences(actual, { retriesMax, ageSecondsMax, onSuccess, onFailure });
    },
    async put(desired) {
      const { retriesMax, ageSecondsMax, onSuccess, onFailure } = desired;
      const settings = { retriesMax, ageSecondsMax, onSuccess, onFailure };
      await attachments.putEventInvoke(await nameOf(desired), settings, { keeps: false }, place);
    },
    async remove(arn) {
      if (attachments.findEventInvoke(arn, place) !== null) await attachments.removeEventInvoke(arn, place);
    },
  };
}
