/** What a value of an AWS API looks like. Shapes may hold themselves (DynamoDB's AttributeValue does). */
export type Shape = StructureShape | ListShape | MapShape | ScalarShape;

export interface StructureShape {
  readonly type: 'structure';
  /** By their names in the service model. */
  readonly members: ReadonlyMap<string, Shape>;
  readonly required: readonly string[];
}

export interface ListShape extends Bounds {
  readonly type: 'list';
  readonly item: Shape;
}

export interface MapShape {
  readonly type: 'map';
  readonly value: Shape;
}

export interface ScalarShape extends Bounds {
  readonly type: 'string' | 'blob' | 'timestamp' | 'number' | 'boolean';
  /** The values of an enumeration; null where any will do. */
  readonly oneOf: readonly string[] | null;
}

/** Of a number its value, of texts, blobs and lists their length; null = unbounded. */
interface Bounds {
  readonly min: number | null;
  readonly max: number | null;
}
