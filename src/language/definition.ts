import type { JsonObject, JsonValue, Payload } from '../payload/index.js';
import type { Diagnostic } from './diagnostic.js';

/**
 * A state machine's definition, checked and compiled: nothing in it can be wrong any more, and nothing
 * is looked up by text at run time.
 */
export interface Definition extends Block {
  readonly comment: string | null;
  /** Limit of the whole execution; null means AWS's one year. */
  readonly timeoutSeconds: number | null;
  readonly queryLanguage: QueryLanguage;
  /** For DescribeStateMachine: which variables each state refers to, in order of their first reference. */
  readonly variableReferences: ReadonlyMap<string, readonly string[]>;
  /** Warnings only; a definition with errors is never made. */
  readonly warnings: readonly Diagnostic[];
}

export type QueryLanguage = 'JSONPath' | 'JSONata';

/** States that share a scope: the machine itself, a Parallel's branch, a Map's processor. */
export interface Block {
  readonly startAt: State;
  readonly states: ReadonlyMap<string, State>;
}

export type State =
  | PassState
  | TaskState
  | ChoiceState
  | WaitState
  | SucceedState
  | FailState
  | ParallelState
  | MapState;

/** What an expression may look at. Made by the interpreter for one evaluation. */
export interface Scope {
  /** What `$` stands for. */
  readonly input: JsonValue;
  /** Text of `$`, for the causes that quote it. */
  readonly inputText: string;
  /** What `$$` stands for; built when first read. */
  readonly context: JsonValue;
  /** The variable's value, or undefined where nothing was assigned. */
  variable(name: string): JsonValue | undefined;
  /** In [0, 1), drawn from the stimulus' seed. */
  random(): number;
  /** A version 4 UUID drawn from the stimulus' seed. */
  uuid(): string;
  /** What JSONata's `$states` stands for; built when first read. */
  readonly states: JsonValue;
  /** Epoch milliseconds of the decision. */
  readonly at: number;
}

/** A compiled expression. Throws StatesError. */
export type Expression<Value = JsonValue> = (scope: Scope) => Value;

/** A path: `$…`, `$$…` or `$variable…`. */
export interface Path {
  /** As written. */
  readonly text: string;
  /** `$` alone: the payload passes with its own text. */
  readonly isIdentity: boolean;
  /** Throws StatesError States.Runtime `Invalid path '…' : <Jayway's message>`. */
  readonly evaluate: Expression;
  /** The same, but undefined where the path leads nowhere (IsPresent). */
  readonly find: Expression<JsonValue | undefined>;
  /** Variables that the path refers to. */
  readonly variables: readonly string[];
}

/** Where a result goes in the raw input (ResultPath). */
export interface ReferencePath {
  readonly text: string;
  readonly isIdentity: boolean;
  /** A copy of `root` with `value` in its place; objects on the way are made. Throws StatesError States.ResultPathMatchFailure. */
  readonly put: (root: JsonValue, value: JsonValue) => JsonValue;
}

/**
 * A payload template (Parameters, ResultSelector, ItemSelector, Assign, …), a JSON value with JSONata expressions at any
 * depth (Arguments, Output, Assign, Seconds, …), or a static value. Whoever evaluates it need not know the language.
 */
export interface Template {
  /** Set when nothing in it has to be evaluated. */
  readonly constant: Payload | null;
  readonly evaluate: Expression;
  readonly variables: readonly string[];
}

interface StateCommon {
  readonly name: string;
  /** Where it stands in the definition, e.g. `/States/A/Branches[0]/States/B`. */
  readonly location: string;
  readonly queryLanguage: QueryLanguage;
  readonly comment: string | null;
}

/** `undefined` = not written (identity); `null` = written as null (`{}`). */
interface InputOutput {
  readonly inputPath: Path | null | undefined;
  readonly outputPath: Path | null | undefined;
  /** JSONata's `Output`; null = the state's default output. */
  readonly output: Template | null;
}

/** A number as written, at a path (JSONPath), or of an expression (JSONata; its value is a number, but any). */
export type NumberField = number | Path | Template;

interface Successor {
  /** Name of the next state in the same block; null where `End` is true. */
  readonly next: string | null;
  readonly assign: Assign | null;
}

interface Selection {
  /** `Parameters`, or JSONata's `Arguments`. */
  readonly parameters: Template | null;
  readonly resultSelector: Template | null;
  readonly resultPath: ReferencePath | null | undefined;
}

interface Recovery {
  readonly retry: readonly Retrier[];
  readonly catch: readonly Catcher[];
}

/** The assigned variables: all right-hand sides see the values from before. */
export interface Assign {
  /** Name and value of each variable, in the order written. */
  readonly entries: ReadonlyArray<{ readonly name: string; readonly value: Template }>;
}

export interface PassState extends StateCommon, InputOutput, Successor {
  readonly type: 'Pass';
  readonly result: Payload | null;
  readonly parameters: Template | null;
  readonly resultPath: ReferencePath | null | undefined;
}

export interface TaskState extends StateCommon, InputOutput, Successor, Selection, Recovery {
  readonly type: 'Task';
  readonly resource: Resource;
  readonly timeoutSeconds: NumberField | null;
  readonly heartbeatSeconds: NumberField | null;
  /** `Credentials.RoleArn`. */
  readonly roleArn: Template | null;
}

export interface ChoiceState extends StateCommon, InputOutput {
  readonly type: 'Choice';
  readonly choices: readonly ChoiceRule[];
  readonly default: string | null;
  /** Applies with `default`, as `output` does; a rule has its own. */
  readonly assign: Assign | null;
}

export interface ChoiceRule {
  readonly test: Expression<boolean>;
  /** For people: operands and values that decide, e.g. `$.paymentVerified is false, BooleanEquals true`. Never throws. */
  readonly describe: Expression<string>;
  readonly variables: readonly string[];
  readonly next: string;
  readonly assign: Assign | null;
  readonly output: Template | null;
}

export interface WaitState extends StateCommon, InputOutput, Successor {
  readonly type: 'Wait';
  readonly until:
    | { readonly type: 'seconds'; readonly seconds: number }
    /** Epoch milliseconds. */
    | { readonly type: 'timestamp'; readonly at: number }
    | { readonly type: 'secondsPath'; readonly path: Path }
    | { readonly type: 'timestampPath'; readonly path: Path }
    /** JSONata: a number, and a string. */
    | { readonly type: 'secondsExpression'; readonly value: Template }
    | { readonly type: 'timestampExpression'; readonly value: Template };
}

export interface SucceedState extends StateCommon, InputOutput {
  readonly type: 'Succeed';
}

export interface FailState extends StateCommon {
  readonly type: 'Fail';
  /** A constant, or an expression (`ErrorPath`, or JSONata) whose value must be a string. */
  readonly error: string | Template | null;
  readonly cause: string | Template | null;
}

export interface ParallelState extends StateCommon, InputOutput, Successor, Selection, Recovery {
  readonly type: 'Parallel';
  readonly branches: readonly Block[];
}

export interface MapState extends StateCommon, InputOutput, Successor, Recovery {
  readonly type: 'Map';
  readonly itemsPath: Path | null;
  /** JSONata's `Items`; null = the state's input. */
  readonly items: Template | null;
  /** ItemSelector, or `Parameters` of the old form. */
  readonly itemSelector: Template | null;
  readonly resultSelector: Template | null;
  readonly resultPath: ReferencePath | null | undefined;
  /** 0 = as many as there may be. */
  readonly maxConcurrency: NumberField;
  readonly toleratedFailureCount: NumberField | null;
  readonly toleratedFailurePercentage: NumberField | null;
  readonly processor: Block;
  /** Null for an inline Map. */
  readonly distributed: DistributedMap | null;
}

/** A Map whose iterations are executions of their own. */
export interface DistributedMap {
  readonly executionType: 'STANDARD' | 'EXPRESS';
  /** As written, or made from the state's text: unique in the definition, part of the children's ARNs. */
  readonly label: string;
  /** Null: the items are in the state's own data. */
  readonly reader: ItemReader | null;
  /** Null: each item gets a child of its own. */
  readonly batcher: ItemBatcher | null;
  readonly writer: ResultWriter | null;
}

export interface ItemReader {
  /** `arn:aws:states:::s3:getObject` or `arn:aws:states:::s3:listObjectsV2`. */
  readonly resource: string;
  readonly parameters: Template | null;
  /** ReaderConfig as written, but for MaxItems. */
  readonly config: JsonObject;
  /** Null or 0: as many as there are. */
  readonly maxItems: NumberField | null;
}

export interface ItemBatcher {
  readonly maxItemsPerBatch: NumberField | null;
  readonly maxInputBytesPerBatch: NumberField | null;
  readonly batchInput: Template | null;
}

export interface ResultWriter {
  /** Null: the results are not exported, only formatted. */
  readonly resource: string | null;
  readonly parameters: Template | null;
  /** WriterConfig as written. */
  readonly config: JsonObject | null;
}

export interface Retrier {
  readonly errorEquals: readonly string[];
  readonly intervalSeconds: number;
  readonly maxAttempts: number;
  readonly backoffRate: number;
  readonly maxDelaySeconds: number | null;
  readonly jitter: 'NONE' | 'FULL';
}

export interface Catcher {
  readonly errorEquals: readonly string[];
  readonly next: string;
  readonly resultPath: ReferencePath | null | undefined;
  readonly assign: Assign | null;
  readonly output: Template | null;
}

/** What a Task calls. */
export type Resource =
  /** A function's ARN, with or without qualifier, written directly. */
  | { readonly type: 'function'; readonly arn: string }
  | { readonly type: 'activity'; readonly arn: string }
  | {
      readonly type: 'integration';
      /** As written, e.g. `arn:aws:states:::dynamodb:putItem`. */
      readonly arn: string;
      /** History's resourceType: `lambda`, `dynamodb`, `aws-sdk:dynamodb`, … */
      readonly service: string;
      /** Without the pattern's suffix: `invoke`, `startExecution`. */
      readonly action: string;
      readonly pattern: 'requestResponse' | 'sync' | 'sync:2' | 'waitForTaskToken';
    };
