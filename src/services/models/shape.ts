/** What a value of an AWS API looks like, and how it travels. Shapes may hold themselves (DynamoDB's AttributeValue does). */
export type Shape = StructureShape | ListShape | MapShape | ScalarShape;

export interface StructureShape {
  readonly type: 'structure';
  /** By their names in the service model. */
  readonly members: ReadonlyMap<string, Shape>;
  readonly required: readonly string[];
  /** How members travel, for those that are not found by their own name in the body. */
  readonly wires: ReadonlyMap<string, MemberWire>;
  /** The member that is the whole body. */
  readonly payload: string | null;
  /** Any JSON. */
  readonly isDocument: boolean;
  /** A stream of events, which no plain request or answer carries. */
  readonly isEventStream: boolean;
}

export interface MemberWire {
  readonly location: 'body' | 'path' | 'query' | 'header' | 'headers' | 'status';
  /** Null: the member's own name. */
  readonly name: string | null;
  /** Of the protocol of EC2. */
  readonly queryName: string | null;
  readonly timestampFormat: string | null;
  readonly isIdempotencyToken: boolean;
  readonly isXmlAttribute: boolean;
  readonly isFlattened: boolean;
  /** JSON text in base64. */
  readonly isJsonHeader: boolean;
  readonly isHostLabel: boolean;
  /** An object's content. */
  readonly isStreaming: boolean;
  readonly xmlNamespace: { readonly uri: string; readonly prefix: string | null } | null;
}

export interface ListShape extends Bounds {
  readonly type: 'list';
  readonly item: Shape;
  readonly itemName: string | null;
  readonly isFlattened: boolean;
}

export interface MapShape {
  readonly type: 'map';
  readonly value: Shape;
  readonly keyName: string | null;
  readonly valueName: string | null;
  readonly isFlattened: boolean;
}

export interface ScalarShape extends Bounds {
  readonly type: 'string' | 'blob' | 'timestamp' | 'number' | 'boolean';
  /** The values of an enumeration; null where any will do. */
  readonly oneOf: readonly string[] | null;
  readonly timestampFormat: string | null;
  /** An object's content. */
  readonly isStreaming: boolean;
  /** Of a number. */
  readonly isInteger: boolean;
}

/** Of a number its value, of texts, blobs and lists their length; null = unbounded. */
interface Bounds {
  readonly min: number | null;
  readonly max: number | null;
}
