/** What a client did wrong; the code is the exception's name in the service model. */
export class SecretsFault extends Error {
  override readonly name = 'SecretsFault';
  constructor(
    readonly code:
      | 'ResourceNotFoundException'
      | 'ResourceExistsException'
      | 'InvalidRequestException'
      | 'InvalidParameterException'
      | 'LimitExceededException',
    message: string,
  ) {
    super(message);
  }
}

export const noSuchSecret = (): SecretsFault =>
  new SecretsFault('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
