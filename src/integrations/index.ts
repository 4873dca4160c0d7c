export { isRun, RUN_RESOURCES } from './available.js';
export {
  describeMissing,
  type IntegrationPorts,
  integrations,
  performer,
  RESOURCE_NOT_AVAILABLE,
} from './integrations.js';
export type { Integration, TaskAnswer, TaskCall } from './port.js';
export { type ExecutionStarter, StartFault } from './start-execution.js';
