/** Why a text is no expression that Step Functions takes; `code` is AWS's. */
export class JsonataSyntaxFault extends Error {
  override readonly name = 'JsonataSyntaxFault';

  constructor(
    readonly code: 'INVALID_JSONATA_EXPRESSION' | 'UNSUPPORTED_JSONATA_EXPRESSION',
    message: string,
  ) {
    super(message);
  }
}

export const notSupported = (reference: string): JsonataSyntaxFault =>
  new JsonataSyntaxFault('UNSUPPORTED_JSONATA_EXPRESSION', `Reference to '${reference}' is not supported.`);

export const notSupportedAtTop = (reference: string): JsonataSyntaxFault =>
  new JsonataSyntaxFault(
    'UNSUPPORTED_JSONATA_EXPRESSION',
    `Reference to '${reference}' at the top level is not supported.`,
  );
