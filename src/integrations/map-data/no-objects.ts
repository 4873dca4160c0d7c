import type { ObjectFault, ObjectReader, ObjectWriter } from './ports.js';

const fault: ObjectFault = { code: 'NoSuchBucket', message: 'The specified bucket does not exist', status: 404 };
const refuse = (): Promise<never> => Promise.reject(fault);

/** An object store without buckets: for engines that have none. */
export const noObjects: ObjectReader & ObjectWriter = { getObject: refuse, listObjects: refuse, putObject: refuse };
