import type { JsonValue } from '../../payload/index.js';
import type { Arguments } from './arguments.js';
import { badArgument } from './fault.js';
import { drawFromSeed } from './java-random.js';

/** Each argument is rounded before they are added (recorded: 1.5 + 1.51 = 4). */
export function mathAdd(given: Arguments): JsonValue {
  const sum = given.integer(0) + given.integer(1);
  if (sum < -2_147_483_648 || sum > 2_147_483_647) {
    throw badArgument('States.MathAdd', `Expected a sum between -2147483648 and 2147483647, but it is ${sum}`);
  }
  return sum;
}

/** An integer from start to below end: the same one for the same seed, else drawn from the scope. */
export function mathRandom(given: Arguments): JsonValue {
  const [start, end] = [given.integer(0), given.integer(1)];
  if (start >= end) {
    throw badArgument('States.MathRandom', `Expected the start ${start} to be less than the end ${end}`);
  }
  if (given.count > 2) return drawFromSeed(seedOf(given), start, end);
  return start + Math.floor(given.scope.random() * (end - start));
}

function seedOf(given: Arguments): number {
  const seed = given.number(2);
  if (Number.isFinite(seed)) return seed;
  throw badArgument('States.MathRandom', 'Expected a seed that fits a double');
}

export function uuid(given: Arguments): JsonValue {
  return given.scope.uuid();
}
