/** What an intrinsic function says about its arguments; becomes a StatesError that names the whole call. */
export class IntrinsicFault extends Error {}

/** The fault of an argument that is not what the function takes. */
export const badArgument = (name: string, expectation: string): IntrinsicFault =>
  new IntrinsicFault(`Invalid arguments in ${name}: ${expectation}.`);
