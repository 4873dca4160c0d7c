export { differences } from './apply-resource.js';
export { type Assembly, isAssembly, readAssembly } from './assembly.js';
export { deploy, deployStacks } from './deploy.js';
export { otherStacks, type StackOutput } from './other-stacks.js';
export type {
  ActivitySettings,
  AliasSettings,
  BucketSettings,
  BusSettings,
  CodeLocation,
  DeployPlan,
  EventInvokeSettings,
  EventSourceSettings,
  FunctionCode,
  FunctionSettings,
  GlobalIndex,
  KeptResource,
  LayerSettings,
  LocalIndex,
  LogGroupSettings,
  MachineAliasSettings,
  MachineVersionSettings,
  Output,
  PlannedFunction,
  PlannedResource,
  PlannedStateMachine,
  PlannedSubscription,
  PlannedTable,
  PlannedTopic,
  PlannedVersion,
  QueueSettings,
  RuleSettings,
  ScheduleSettings,
  SecretSettings,
  StateMachineSettings,
  StateMachineType,
  SubscriptionSettings,
  TableAttribute,
  TableBilling,
  TableFeatures,
  TableKey,
  TableSettings,
  TopicSettings,
} from './plan.js';
export type {
  BucketPort,
  ChangeOutcome,
  DefinitionFault,
  DeployedResource,
  DeployPorts,
  FolderPort,
  FunctionPort,
  MachineVersionPort,
  ObjectPort,
  SettingsPort,
  StackRecords,
  StateMachinePort,
  SubscriptionPort,
  SubscriptionTarget,
  TableChange,
  TablePort,
  TopicPort,
} from './ports.js';
export { formatProblem, formatRemark, type Problem, type Remark, TemplateError } from './problem.js';
export { PUBLISHED } from './published.js';
export { readTemplate, type TemplateDocument } from './read-template.js';
export type { DeployReport, Outcome, ReportedResource } from './report.js';
export { type AssemblyOptions, resolveAssembly } from './resolve-assembly.js';
export { type ResolveOptions, resolveTemplate } from './resolve-template.js';
export type { StoredObject } from './stored-location.js';
