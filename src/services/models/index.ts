export { sdkMemberName } from './sdk-names.js';
export { type ServiceModel, serviceModel } from './service-models.js';
export type { ListShape, MapShape, ScalarShape, Shape, StructureShape } from './shape.js';
