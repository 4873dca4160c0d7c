import type { FuzzTarget } from './fuzz-target.js';
import { csvTarget } from './random-csv.js';
import { definitionTarget } from './random-definition.js';
import { intrinsicsTarget } from './random-intrinsics.js';
import { jsonpathTarget } from './random-jsonpath.js';

/** Given what its own arbitrary makes: the name of the type is forgotten, the pair stays together. */
const forgetful = <Input>({ name, arbitrary, check, show }: FuzzTarget<Input>): FuzzTarget => ({
  name,
  arbitrary,
  check: (input) => check(input as Input), // made by `arbitrary`
  show: (input) => show(input as Input), // made by `arbitrary`
});

const TARGETS = [
  forgetful(definitionTarget),
  forgetful(jsonpathTarget),
  forgetful(intrinsicsTarget),
  forgetful(csvTarget),
];

/** What `scripts/fuzz.mjs` can aim at, by name. */
export const FUZZ_TARGETS: ReadonlyMap<string, FuzzTarget> = new Map(TARGETS.map((target) => [target.name, target]));
