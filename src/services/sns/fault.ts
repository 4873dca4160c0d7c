/** What SNS refuses: `code` as on the wire (`NotFound`, `InvalidParameter`, …). */
export class SnsFault extends Error {
  override readonly name = 'SnsFault';
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

export const invalidParameter = (what: string): SnsFault =>
  new SnsFault('InvalidParameter', `Invalid parameter: ${what}`);

export const topicNotFound = (): SnsFault => new SnsFault('NotFound', 'Topic does not exist');
