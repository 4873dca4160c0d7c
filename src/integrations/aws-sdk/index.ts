export { type Asked, type AwsEndpoint, ask, awsSdk, type EndpointOf, type ServiceCall, unreadable } from './aws-sdk.js';
export { decodeAnswer } from './decode-answer.js';
export { exceptionOf, readError } from './failure.js';
export { LOCAL_ACTIONS } from './local-actions.js';
export type { WireAnswer } from './wire.js';
