/** What S3 refuses, with AWS's texts: code → HTTP status and message. One table, so that every place says the same. */
export const S3_ERRORS = {
  AccessDenied: [403, 'Access Denied'],
  BadDigest: [400, 'The Content-MD5 you specified did not match what we received.'],
  BucketAlreadyOwnedByYou: [409, 'Your previous request to create the named bucket succeeded and you already own it.'],
  BucketNotEmpty: [409, 'The bucket you tried to delete is not empty'],
  EntityTooLarge: [400, 'Your proposed upload exceeds the maximum allowed size'],
  EntityTooSmall: [400, 'Your proposed upload is smaller than the minimum allowed size'],
  IllegalLocationConstraintException: [
    400,
    'The unspecified location constraint is incompatible for the region specific endpoint this request was sent to.',
  ],
  IncompleteBody: [400, 'The request body terminated unexpectedly'],
  InvalidArgument: [400, 'Invalid Argument'],
  InvalidBucketName: [400, 'The specified bucket is not valid.'],
  InvalidBucketState: [409, 'The request is not valid for the current state of the bucket.'],
  InvalidDigest: [400, 'The Content-MD5 you specified was invalid.'],
  InvalidPart: [
    400,
    "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
  ],
  InvalidPartNumber: [416, 'The requested partnumber is not satisfiable'],
  InvalidPartOrder: [400, 'The list of parts was not in ascending order. Parts must be ordered by part number.'],
  InvalidRange: [416, 'The requested range is not satisfiable'],
  InvalidRequest: [400, 'Invalid Request'],
  InvalidStorageClass: [400, 'The storage class you specified is not valid'],
  InvalidTag: [
    400,
    'The tag provided was not a valid tag. This error can occur if the tag did not pass input validation.',
  ],
  InvalidURI: [400, "Couldn't parse the specified URI."],
  KeyTooLongError: [400, 'Your key is too long'],
  MalformedPolicy: [400, "Policies must be valid JSON and the first byte must be '{'"],
  MalformedTrailerError: [
    400,
    'The request contained trailing data that was not well-formed or did not conform to our published schema.',
  ],
  MalformedXML: [400, 'The XML you provided was not well-formed or did not validate against our published schema'],
  MetadataTooLarge: [400, 'Your metadata headers exceed the maximum allowed metadata size'],
  MethodNotAllowed: [405, 'The specified method is not allowed against this resource.'],
  MissingContentLength: [411, 'You must provide the Content-Length HTTP header.'],
  NoSuchBucket: [404, 'The specified bucket does not exist'],
  NoSuchBucketPolicy: [404, 'The bucket policy does not exist'],
  NoSuchKey: [404, 'The specified key does not exist.'],
  NoSuchLifecycleConfiguration: [404, 'The lifecycle configuration does not exist'],
  NoSuchObjectLockConfiguration: [404, 'The specified object does not have a ObjectLock configuration'],
  NoSuchTagSet: [404, 'The TagSet does not exist'],
  NoSuchUpload: [
    404,
    'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
  ],
  NoSuchVersion: [404, 'The specified version does not exist.'],
  NotImplemented: [501, 'A header you provided implies functionality that is not implemented'],
  ObjectLockConfigurationNotFoundError: [404, 'Object Lock configuration does not exist for this bucket'],
  PreconditionFailed: [412, 'At least one of the pre-conditions you specified did not hold'],
  ServiceUnavailable: [503, 'Please reduce your request rate.'],
  XAmzContentSHA256Mismatch: [400, "The provided 'x-amz-content-sha256' header does not match what was computed."],
} as const satisfies Readonly<Record<string, readonly [status: number, message: string]>>;

export type S3ErrorCode = keyof typeof S3_ERRORS;

/** What S3 refuses. `details` are further elements of the error document (`Key`, `BucketName`, …). */
export class S3Fault extends Error {
  override readonly name = 'S3Fault';
  readonly status: number;
  constructor(
    readonly code: S3ErrorCode,
    message: string = S3_ERRORS[code][1],
    readonly details: Readonly<Record<string, string | number>> = {},
    /** Further headers of the answer. */
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.status = S3_ERRORS[code][0];
  }
}

export const noSuchBucket = (name: string): S3Fault =>
  new S3Fault('NoSuchBucket', S3_ERRORS.NoSuchBucket[1], { BucketName: name });

export const noSuchKey = (key: string): S3Fault => new S3Fault('NoSuchKey', S3_ERRORS.NoSuchKey[1], { Key: key });

/** There was an object, and a delete marker hides it. */
export const deletedKey = (key: string, versionId: string | undefined): S3Fault => {
  const headers = { 'x-amz-delete-marker': 'true', 'x-amz-version-id': versionId ?? 'null' };
  return new S3Fault('NoSuchKey', S3_ERRORS.NoSuchKey[1], { Key: key }, headers);
};

export const noSuchVersion = (key: string, version: string): S3Fault =>
  new S3Fault('NoSuchVersion', S3_ERRORS.NoSuchVersion[1], { Key: key, VersionId: version });

export const noSuchUpload = (id: string): S3Fault =>
  new S3Fault('NoSuchUpload', S3_ERRORS.NoSuchUpload[1], { UploadId: id });

export const preconditionFailed = (condition: string): S3Fault =>
  new S3Fault('PreconditionFailed', S3_ERRORS.PreconditionFailed[1], { Condition: condition });
