import type { MapData } from '../ports.js';
import type { ExpressRunner } from './express-child.js';

const refuse = (): never => {
  throw new Error('this host was opened without mapData and express.');
};

/** For hosts that run no distributed Maps: the runs of one fail, and say why. */
export const NO_MAP_DATA: MapData = {
  itemsOf: refuse,
  readItems: refuse,
  batchItems: refuse,
  stateOutput: refuse,
  writeResults: refuse,
};

export const NO_EXPRESS: ExpressRunner = { run: refuse };
