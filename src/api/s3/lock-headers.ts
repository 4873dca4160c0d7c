import { S3Fault } from '../../services/s3/fault.js';
import type { Retention } from '../../services/s3/object-lock.js';
import type { ObjectRecord } from '../../services/s3/records.js';
import type { RestXmlRequest } from '../protocols/rest-xml.js';

/** How a new version is locked, as the request's headers say. Throws S3Fault. */
export function lockHeaders(request: RestXmlRequest): Pick<ObjectRecord, 'retention' | 'legalHold'> {
  const mode = request.header('x-amz-object-lock-mode');
  const until = request.header('x-amz-object-lock-retain-until-date');
  const hold = request.header('x-amz-object-lock-legal-hold');
  if ((mode === undefined) !== (until === undefined)) {
    throw new S3Fault(
      'InvalidArgument',
      'x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied',
    );
  }
  if (hold !== undefined && hold !== 'ON' && hold !== 'OFF') {
    throw new S3Fault('InvalidArgument', 'Legal Hold must be either of ON or OFF');
  }
  return {
    ...(mode !== undefined && { retention: readRetention(mode, until) }),
    ...(hold !== undefined && { legalHold: hold === 'ON' }),
  };
}

/** Throws S3Fault. */
export function readRetention(mode: string | undefined, until: string | undefined): Retention {
  const at = Date.parse(until ?? '');
  if (mode !== 'GOVERNANCE' && mode !== 'COMPLIANCE') {
    throw new S3Fault('InvalidArgument', 'Unknown wormMode directive.');
  }
  if (Number.isNaN(at))
    throw new S3Fault('InvalidArgument', 'The retain until date must be provided in ISO 8601 format');
  return { mode, until: at };
}

export const bypassesGovernance = (request: RestXmlRequest): boolean =>
  request.header('x-amz-bypass-governance-retention')?.toLowerCase() === 'true';

/** What an object's answer says of its locks. */
export const shownLock = ({ retention, legalHold }: ObjectRecord): Readonly<Record<string, string | undefined>> => ({
  'x-amz-object-lock-mode': retention?.mode,
  'x-amz-object-lock-retain-until-date': retention === undefined ? undefined : new Date(retention.until).toISOString(),
  'x-amz-object-lock-legal-hold': legalHold === undefined ? undefined : legalHold ? 'ON' : 'OFF',
});
