/** `treadle/testing`: state machines in tests, in process, on a virtual clock. docs/testing.md shows how. */
export type { Duration } from './scenario/duration.js';
export { ExecutionHandle, type Waiting } from './scenario/execution-handle.js';
export type { Transition } from './scenario/itinerary.js';
export { type ExecutionOptions, loadMachine, type MachineOptions, TestMachine } from './scenario/load-machine.js';
export type { FunctionContext, FunctionHandler, FunctionHandlers } from './scenario/local-functions.js';
export type {
  Mock,
  MockAnswer,
  MockCall,
  MockError,
  MockFunction,
  MockPending,
  MockResult,
  Mocks,
} from './scenario/mock.js';
export { ScenarioError } from './scenario/scenario-error.js';
export { type HistoryEvent, TestedExecution } from './scenario/tested-execution.js';
