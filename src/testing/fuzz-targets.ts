import { compileJsonata } from '../language/jsonata/index.js';
import type { FuzzTarget } from './fuzz-target.js';
import { csvTarget } from './random-csv.js';
import { definitionTarget } from './random-definition.js';
import { intrinsicsTarget } from './random-intrinsics.js';
import { brokenPromiseOf, type RandomJsonata, randomJsonata } from './random-jsonata.js';
import { jsonpathTarget } from './random-jsonpath.js';

/** Any text compiles or is refused; a compiled expression keeps what `compileJsonata` and `evaluate` promise. */
const jsonataTarget: FuzzTarget<RandomJsonata> = {
  name: 'jsonata',
  arbitrary: randomJsonata(),
  check: (given) => {
    const broken = brokenPromiseOf(given);
    if (broken !== undefined) throw new Error(broken);
    return compiles(given.expression);
  },
  show: ({ expression, input }) => `expression ${JSON.stringify(expression)}\non         ${input}`,
};

function compiles(expression: string): boolean {
  try {
    compileJsonata(`{% ${expression} %}`);
    return true;
  } catch {
    return false; // refused: what it throws has been judged
  }
}

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
  forgetful(jsonataTarget),
  forgetful(csvTarget),
];

/** What `scripts/fuzz.mjs` can aim at, by name. */
export const FUZZ_TARGETS: ReadonlyMap<string, FuzzTarget> = new Map(TARGETS.map((target) => [target.name, target]));
