import { randomBytes } from 'node:crypto';
import type { FrontParts } from '../../services/http/front-parts.js';
import type { FrontPart } from '../../services/http/part.js';
import { differences, type SettingsPort } from '../../templates/index.js';

/** As AWS's keys: 40 letters and digits. */
const KEY_BYTES = 20;

export function frontPort(parts: FrontParts): SettingsPort<FrontPart> {
  /** What the template leaves open stays as it is: the value of a key, when an address was made. */
  const wanted = (desired: FrontPart): FrontPart => {
    const found = parts.find(desired.name);
    if (desired.part === 'key' && desired.value === '') {
      const value = found?.part === 'key' ? found.value : randomBytes(KEY_BYTES).toString('hex');
      return { ...desired, value };
    }
    if (desired.part !== 'url') return desired;
    const { createdAt, modifiedAt } = found?.part === 'url' ? found : { createdAt: Date.now(), modifiedAt: Date.now() };
    return { ...desired, createdAt, modifiedAt };
  };
  return {
    async compare(desired) {
      const found = parts.find(desired.name);
      return found === null ? null : differences(found, wanted(desired));
    },
    put: (desired) => parts.put(wanted(desired)),
    remove: (name) => parts.remove(name),
  };
}
