/** What DynamoDB refuses: `type` is the exception as it stands in `__type`, namespace included. */
export class TableFault extends Error {
  override readonly name = 'TableFault';
  constructor(
    readonly type: string,
    message: string,
    /** Further members of the exception. */
    readonly members: Readonly<Record<string, unknown>> = {},
    readonly status: number = 400,
  ) {
    super(message);
  }
}

const SERVICE = 'com.amazonaws.dynamodb.v20120810';

const ofService =
  (code: string) =>
  (message: string, members: Readonly<Record<string, unknown>> = {}): TableFault =>
    new TableFault(`${SERVICE}#${code}`, message, members);

export const validationFault = (message: string): TableFault =>
  new TableFault('com.amazon.coral.validate#ValidationException', message);

/** "One or more parameter values were invalid", in front of most of what is wrong with values. */
export const invalidValues = (message: string): TableFault =>
  validationFault(`One or more parameter values were invalid: ${message}`);

export const serializationFault = (message: string): TableFault =>
  new TableFault('com.amazon.coral.service#SerializationException', message);

export const accessDenied = (message: string): TableFault =>
  new TableFault('com.amazon.coral.service#AccessDeniedException', message);

export const conditionFailed = ofService('ConditionalCheckFailedException');
export const resourceNotFound = ofService('ResourceNotFoundException');
export const resourceInUse = ofService('ResourceInUseException');
export const limitExceeded = ofService('LimitExceededException');
export const tableNotFound = ofService('TableNotFoundException');
export const tableExists = ofService('TableAlreadyExistsException');
export const tableInUse = ofService('TableInUseException');
export const backupNotFound = ofService('BackupNotFoundException');
export const backupInUse = ofService('BackupInUseException');
export const continuousBackupsUnavailable = ofService('ContinuousBackupsUnavailableException');
export const pointInTimeUnavailable = ofService('PointInTimeRecoveryUnavailableException');
export const invalidRestoreTime = ofService('InvalidRestoreTimeException');
export const transactionCanceled = ofService('TransactionCanceledException');
export const idempotentMismatch = ofService('IdempotentParameterMismatchException');
export const expiredIterator = ofService('ExpiredIteratorException');
export const trimmedDataAccess = ofService('TrimmedDataAccessException');
