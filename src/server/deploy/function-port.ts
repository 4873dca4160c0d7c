import { readFile, stat } from 'node:fs/promises';
import type { Place } from '../../arn.js';
import { parseSettings } from '../../functions/configuration.js';
import { type FunctionCode, FunctionRefusal, type Functions } from '../../functions/index.js';
import type { FunctionPort, FunctionSettings } from '../../templates/index.js';

/** Functions of one account and region, as templates deploy them. */
export function functionPort(functions: Functions, place: Place): FunctionPort {
  return {
    async check(desired, codePath) {
      try {
        parseSettings(settingsOf(desired));
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
      return {
        name,
        runtime,
        handler,
        description,
        timeoutSeconds,
        memoryMb,
        environment,
        roleArn: role,
        reservedConcurrency,
      };
    },
    async create(desired, codePath) {
      await functions.create({ name: desired.name, place, ...settingsOf(desired), code: await codeAt(codePath) });
    },
    async update(desired, codePath) {
      await functions.updateConfiguration(desired.name, settingsOf(desired), place);
      await functions.updateCode(desired.name, await codeAt(codePath), place);
    },
    async remove(name) {
      if (functions.list(place).some((candidate) => candidate.name === name)) await functions.remove(name, place);
    },
  };
}

function settingsOf({ name: _, roleArn, ...settings }: FunctionSettings) {
  return { ...settings, role: roleArn };
}

async function codeAt(path: string): Promise<FunctionCode> {
  const found = await stat(path);
  return found.isDirectory() ? { type: 'folder', path } : { type: 'zip', bytes: await readFile(path) };
}
