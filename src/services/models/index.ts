export { sdkClassName, sdkMemberName } from './sdk-names.js';
export { type OperationModel, type ServiceModel, type ServiceProtocol, serviceModel } from './service-models.js';
export type { ListShape, MapShape, MemberWire, ScalarShape, Shape, StructureShape } from './shape.js';
