import { OBJECT_POLICY_BYTES_MAX } from '../../limits/services.js';
import { S3Fault } from '../../services/s3/fault.js';
import { denialsOf, PolicyFault } from '../../services/s3/policy.js';
import type { S3 } from '../../services/s3/s3.js';
import type { S3Action } from './s3-call.js';

export function policyActions(s3: S3): Record<string, S3Action> {
  return {
    GetBucketPolicy: async ({ bucket }) => {
      const { policy } = await s3.buckets.get(bucket);
      if (policy === undefined) throw new S3Fault('NoSuchBucketPolicy', undefined, { BucketName: bucket });
      const body = Buffer.from(policy);
      const headers = { 'content-type': 'application/json', 'content-length': String(body.length) };
      return { headers, stream: oneChunk(body) };
    },
    PutBucketPolicy: async ({ request, bucket, place }) => {
      const policy = await readText(request.body);
      assertPolicy(policy, place.account);
      await s3.buckets.change(bucket, () => ({ policy }));
      return { status: 204 };
    },
    DeleteBucketPolicy: async ({ bucket }) => {
      await s3.buckets.change(bucket, () => ({ policy: undefined }));
      return { status: 204 };
    },
  };
}

/** Throws S3Fault for what is no policy, and for refusals that could not be kept. */
function assertPolicy(policy: string, account: string): void {
  try {
    denialsOf(policy, account);
  } catch (fault) {
    if (!(fault instanceof PolicyFault)) throw fault;
    throw new S3Fault(fault.kind === 'malformed' ? 'MalformedPolicy' : 'NotImplemented', fault.message);
  }
}

async function* oneChunk(body: Buffer): AsyncGenerator<Uint8Array> {
  yield body;
}

async function readText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > OBJECT_POLICY_BYTES_MAX) throw new S3Fault('MalformedPolicy', 'Policies must be at most 20 kB');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, bytes).toString('utf8');
}
