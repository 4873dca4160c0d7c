import type { Clock } from '../../services/ports.js';
import { S3Fault } from '../../services/s3/fault.js';
import type { S3 } from '../../services/s3/s3.js';
import { type Action, ApiError, type ApiService } from '../port.js';
import { RestXmlRequest } from '../protocols/rest-xml.js';
import { bucketActions } from './bucket-actions.js';
import { lifecycleActions } from './lifecycle-actions.js';
import { listActions } from './list-actions.js';
import { notificationActions } from './notification-actions.js';
import { objectActions } from './object-actions.js';
import { checkPolicy } from './permissions.js';
import { policyActions } from './policy-actions.js';
import { checkHeaders } from './request-headers.js';
import { addressOf } from './routes.js';
import type { S3Action, S3Call } from './s3-call.js';
import { uploadActions } from './upload-actions.js';
import { versionActions } from './version-actions.js';

/** S3's actions. Access control lists, encryption with keys, replication and inventories are not among them. */
export function s3Service(s3: S3, clock: Clock): ApiService {
  const actions: Readonly<Record<string, S3Action>> = {
    ...bucketActions(s3),
    ...objectActions(s3),
    ...listActions(s3),
    ...uploadActions(s3),
    ...versionActions(s3),
    ...lifecycleActions(s3),
    ...notificationActions(s3),
    ...policyActions(s3),
  };
  return {
    name: 's3',
    actions: new Map(Object.entries(actions).map(([name, action]) => [name, ofWire(checked(s3, name, action), clock)])),
  };
}

const checked =
  (s3: S3, operation: string, action: S3Action): S3Action =>
  async (call) => {
    await checkPolicy(s3, operation, call);
    return action(call);
  };

const ofWire =
  (action: S3Action, clock: Clock): Action =>
  async ({ input, place }) => {
    if (!(input instanceof RestXmlRequest)) throw new Error('Expected a request of the rest-xml protocol.');
    try {
      checkHeaders(input, { account: place.account, now: clock.now() });
      const { bucket, key } = addressOf(input);
      const call: S3Call = { place, request: input, bucket: bucket ?? '', key: key ?? '' };
      return await action(call);
    } catch (fault) {
      if (fault instanceof S3Fault) {
        throw new ApiError(
          fault.code,
          fault.message,
          fault.status,
          { ...fault.details, Resource: input.path },
          fault.headers,
        );
      }
      throw fault;
    }
  };
