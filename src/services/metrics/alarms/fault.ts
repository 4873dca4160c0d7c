/** A request about alarms that cannot be carried out. */
export class AlarmFault extends Error {
  override readonly name = 'AlarmFault';
  constructor(
    /** CloudWatch's: `ResourceNotFound`, `LimitExceeded`. */
    readonly code: 'ResourceNotFound' | 'LimitExceeded',
    message: string,
  ) {
    super(message);
  }
}
