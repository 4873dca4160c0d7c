import { readFile, stat } from 'node:fs/promises';
import type { Place } from '../../arn.js';
import { parseSettings } from '../../functions/configuration.js';
import {
  type FunctionCode,
  type FunctionLayer,
  FunctionRefusal,
  type Functions,
  type Layers,
} from '../../functions/index.js';
import { type FunctionPort, type FunctionSettings, PUBLISHED } from '../../templates/index.js';

/** Functions of one account and region, as templates deploy them. */
export function functionPort(functions: Functions, place: Place): FunctionPort {
  return {
    async check(desired, codePath) {
      try {
        const { layers: _, ...settings } = desired; // may be published by this deployment
        parseSettings(settingsOf({ ...settings, layers: [] }, []));
        if (codePath !== null) await stat(codePath);
        return null;
      } catch (fault) {
        if (fault instanceof FunctionRefusal) return fault.message;
        throw fault;
      }
    },
    async find(name) {
      const found = functions.list(place).find((candidate) => candidate.name === name);
      if (found === undefined) return null;
      const { runtime, handler, description, timeoutSeconds, memoryMb, environment, role, reservedConcurrency } = found;
      const { deadLetterArn = null } = found;
      const layers = found.layers ?? []; // a function of an older server has none
      return {
        name,
        runtime,
        handler,
        description,
        timeoutSeconds,
        memoryMb,
        environment,
        roleArn: role,
        layers: layers.map(({ arn }) => arn),
        reservedConcurrency,
        deadLetterArn,
      };
    },
    resolved: (desired) => ({
      ...desired,
      layers: desired.layers.map((arn) => numbered(functions.layers, arn, place)),
    }),
    async create(desired, codePath) {
      const settings = settingsOf(desired, functions.layers.resolve(desired.layers));
      await functions.create({ name: desired.name, place, ...settings, code: await codeAt(codePath) });
    },
    async update(desired, codePath) {
      const settings = settingsOf(desired, functions.layers.resolve(desired.layers));
      await functions.updateConfiguration(desired.name, settings, place);
      await functions.updateCode(desired.name, await codeAt(codePath), place);
    },
    async remove(name) {
      if (functions.list(place).some((candidate) => candidate.name === name)) await functions.remove(name, place);
    },
  };
}

function numbered(layers: Layers, arn: string, place: Place): string {
  if (!arn.endsWith(`:${PUBLISHED}`)) return arn;
  const [newest] = layers.versions(place, arn.slice(0, -PUBLISHED.length - 1));
  return newest?.arn ?? arn;
}

function settingsOf({ name: _, roleArn, ...settings }: FunctionSettings, layers: readonly FunctionLayer[]) {
  return { ...settings, role: roleArn, layers };
}

async function codeAt(path: string): Promise<FunctionCode> {
  const found = await stat(path);
  return found.isDirectory() ? { type: 'folder', path } : { type: 'zip', bytes: await readFile(path) };
}
