import type { Place } from '../../arn.js';
import type { Buckets } from '../../services/s3/buckets.js';
import { S3Fault } from '../../services/s3/fault.js';
import type { BucketPort } from '../../templates/index.js';

export function bucketPort(buckets: Buckets, place: Place): BucketPort {
  return {
    async find(name) {
      try {
        return { name: (await buckets.get(name)).name };
      } catch (fault) {
        if (fault instanceof S3Fault) return null;
        throw fault;
      }
    },
    async create({ name }) {
      await buckets.create(place, name);
    },
    async remove(name) {
      if ((await this.find(name)) === null) return;
      try {
        await buckets.remove(name);
      } catch (fault) {
        if (!(fault instanceof S3Fault) || fault.code !== 'BucketNotEmpty') throw fault;
        throw new Error(
          `no longer in the template, but bucket '${name}' is not empty. Delete its objects (aws s3 rm s3://${name} --recursive) and deploy again, or set DeletionPolicy: Retain`,
        );
      }
    },
  };
}
