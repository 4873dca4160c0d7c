export { type AwsEndpoint, awsSdk, type EndpointOf, type ServiceCall } from './aws-sdk.js';
export { LOCAL_ACTIONS } from './local-actions.js';
export type { WireAnswer } from './wire.js';
