import type { Block, Definition, State } from '../../language/index.js';
import { nearestNames } from './nearest-names.js';
import { ScenarioError } from './scenario-error.js';

/** A state of a definition, by the names of the Parallel and Map states around it and its own: `Reserve Stock/Reserve Item`. */
export interface StatePath {
  readonly text: string;
  readonly state: State;
  /** A Map around it gives one index to each iteration, so that `Reserve Stock[1]/Reserve Item` names one of them. */
  readonly pattern: RegExp;
}

/** What a text names: a state, in all iterations or in one. */
export interface PathReference extends StatePath {
  /** How many indexes it gives: the more, the more exact. */
  readonly indexCount: number;
  readonly isAt: (iteration: readonly number[]) => boolean;
}

/** All states of a definition by their paths. */
export class StatePaths {
  readonly all: readonly StatePath[];
  readonly #byText = new Map<string, StatePath>();

  constructor(definition: Definition) {
    this.all = [...statesIn(definition, { text: '', pattern: '' })];
    for (const path of this.all) this.#byText.set(path.text, path);
  }

  /** The state with exactly this path: one that an execution has been in. */
  at(text: string): StatePath {
    const path = this.#byText.get(text);
    if (path === undefined) throw new Error(`Broken invariant: there is no state '${text}'`);
    return path;
  }

  /** By path, with or without indexes, or by the state's name alone. Throws ScenarioError with a suggestion. */
  reference(text: string, what: string): PathReference {
    for (const path of this.all) {
      const match = path.pattern.exec(text);
      if (match === null) continue;
      const wanted = match.slice(1).map((index) => (index === undefined ? null : Number(index)));
      return {
        ...path,
        indexCount: wanted.filter((index) => index !== null).length,
        isAt: (iteration) => wanted.every((index, depth) => index === null || index === iteration[depth]),
      };
    }
    const named = this.all.find(({ state }) => state.name === text);
    if (named !== undefined) return { ...named, indexCount: 0, isAt: () => true };
    const known = this.all.flatMap((path) => [path.text, path.state.name]);
    const [near] = nearestNames(text, known);
    const states = this.all.map((path) => `'${path.text}'`).join(', ');
    const hint = near === undefined ? ` Its states are ${states}.` : ` Did you mean '${near}'?`;
    throw new ScenarioError(`Expected ${what} to name a state of the definition, but there is no '${text}'.${hint}`);
  }
}

interface Around {
  readonly text: string;
  /** Source of the regular expression that matches the text. */
  readonly pattern: string;
}

function* statesIn(block: Block, around: Around): Generator<StatePath> {
  for (const state of block.states.values()) {
    const text = around.text + state.name;
    const pattern = around.pattern + escaped(state.name);
    yield { text, state, pattern: new RegExp(`^${pattern}$`) };
    if (state.type === 'Map')
      yield* statesIn(state.processor, { text: `${text}/`, pattern: `${pattern}(?:\\[(\\d+)\\])?/` });
    if (state.type !== 'Parallel') continue;
    for (const branch of state.branches) yield* statesIn(branch, { text: `${text}/`, pattern: `${pattern}/` });
  }
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
