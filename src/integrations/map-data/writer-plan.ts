import { isArray, type JsonObject, memberOf, parseJson, writeJson } from '../../payload/index.js';
import { writerError } from './faults.js';
import { type ChildResult, resultEntry } from './result-entry.js';

export type Transformation = 'NONE' | 'COMPACT' | 'FLATTEN';
export type OutputType = 'JSON' | 'JSONL';

export interface WriterForm {
  readonly transformation: Transformation;
  readonly outputType: OutputType;
}

/** A WriterConfig, with AWS's default where it says nothing. */
export function planWriting(config: JsonObject | undefined, transformationDefault: Transformation): WriterForm {
  const transformation = (config && memberOf(config, 'Transformation')) ?? transformationDefault;
  const outputType = (config && memberOf(config, 'OutputType')) ?? 'JSON';
  if (transformation !== 'NONE' && transformation !== 'COMPACT' && transformation !== 'FLATTEN') {
    throw writerError(
      `Expected Transformation to be NONE, COMPACT or FLATTEN, but it is ${writeJson(transformation)}.`,
    );
  }
  if (outputType !== 'JSON' && outputType !== 'JSONL') {
    throw writerError(`Expected OutputType to be JSON or JSONL, but it is ${writeJson(outputType)}.`);
  }
  return { transformation, outputType };
}

/** What one child adds to the results, as JSON texts. A child without an output always shows its execution. */
export function resultTexts(child: ChildResult, transformation: Transformation): readonly string[] {
  if (child.status !== 'SUCCEEDED' || child.output === undefined) return [resultEntry(child)];
  switch (transformation) {
    case 'NONE':
      return [resultEntry(child)];
    case 'COMPACT':
      return [child.output];
    case 'FLATTEN': {
      if (!child.output.trimStart().startsWith('[')) return [child.output];
      const output = parseJson(child.output);
      return isArray(output) ? output.map(writeJson) : [child.output];
    }
    default:
      return transformation satisfies never;
  }
}

/** A result as a line must not have line ends of its own: a child's output keeps its author's white space. */
export const lineOf = (text: string): string => (/[\n\r]/.test(text) ? writeJson(parseJson(text)) : text);
