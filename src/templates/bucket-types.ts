import type { BuiltType } from './resource-types.js';

const ACCESS = 'access is not restricted here';
const ENCRYPTION = 'data is not encrypted here';
const STORAGE = 'there is one kind of storage here';

/** Types of S3. */
export const BUCKET_TYPES: Readonly<Record<string, BuiltType>> = {
  'AWS::S3::Bucket': {
    builds: 'bucket',
    properties: [
      'BucketName',
      'LifecycleConfiguration',
      'NotificationConfiguration',
      'ObjectLockConfiguration',
      'ObjectLockEnabled',
      'Tags',
      'VersioningConfiguration',
    ],
    kept: {
      AbacStatus: ACCESS,
      AccelerateConfiguration: 'there is no distance to shorten here',
      AccessControl: ACCESS,
      AnalyticsConfigurations: 'the use of objects is not analysed here',
      BucketEncryption: ENCRYPTION,
      IntelligentTieringConfigurations: STORAGE,
      LoggingConfiguration: 'accesses are not logged here',
      MetricsConfigurations: 'nothing is measured per object here',
      OwnershipControls: ACCESS,
      PublicAccessBlockConfiguration: ACCESS,
    },
    unsupported: {
      CorsConfiguration: 'pages of other sites may not call Treadle',
      InventoryConfigurations: 'inventories are not written here',
      MetadataConfiguration: 'tables of metadata are not written here',
      MetadataTableConfiguration: 'tables of metadata are not written here',
      ReplicationConfiguration: 'objects are not replicated here',
      WebsiteConfiguration: 'buckets are no websites here',
    },
  },
  'AWS::S3::BucketPolicy': {
    builds: 'bucketPart',
    properties: ['Bucket', 'PolicyDocument'],
    kept: {},
    unsupported: {},
  },
};
