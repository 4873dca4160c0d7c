import type fc from 'fast-check';

/** What a fuzzer gives to a piece of the engine, and what must hold for it whatever it is given. */
export interface FuzzTarget<Input = unknown> {
  readonly name: string;
  readonly arbitrary: fc.Arbitrary<Input>;
  /** Throws where a property does not hold. Whether the input was taken, rather than refused as it should be. */
  readonly check: (input: Input) => boolean | Promise<boolean>;
  /** For people: what to paste into a test. */
  readonly show: (input: Input) => string;
}
