export { isRun, RUN_RESOURCES } from './available.js';
export type { Asked, AwsEndpoint, EndpointOf, ServiceCall, WireAnswer } from './aws-sdk/index.js';
export {
  describeMissing,
  type Elsewhere,
  type IntegrationPorts,
  integrations,
  performer,
  RESOURCE_NOT_AVAILABLE,
} from './integrations.js';
export type { Integration, TaskAnswer, TaskCall } from './port.js';
export { defaultCredentials } from './remote/credentials.js';
export { RemoteEndpoint } from './remote/remote-endpoint.js';
export { parseRemoteRule, type RemoteRule } from './remote/rules.js';
export { type ExecutionStarter, StartFault } from './start-execution.js';
