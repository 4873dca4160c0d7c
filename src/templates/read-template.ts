import { readFile, stat } from 'node:fs/promises';
import { TEMPLATE_BYTES_MAX } from '../limits.js';
import { type Problem, TemplateError, TemplateFault } from './problem.js';
import { type Dialect, readYaml } from './read-yaml.js';
import { describeValue, type TemplateMap, type TemplateValue } from './template-value.js';

/** A template as read: nothing evaluated, every place kept. */
export interface TemplateDocument {
  /** As given by the caller; paths in the template are relative to its folder. */
  readonly file: string;
  readonly root: TemplateMap;
}

/** Reads a SAM or CloudFormation template (YAML or JSON). Throws TemplateError: the file is missing, too large, or not a map. */
export async function readTemplate(file: string): Promise<TemplateDocument> {
  const { value } = await readValueFile(file, 'template');
  if (value.kind !== 'map') {
    throw unreadable(
      file,
      new TemplateFault(value.at, `Expected a map with Resources, but found ${describeValue(value)}.`),
    );
  }
  return { file, root: value };
}

/** A YAML or JSON file's text and value. Throws TemplateError. */
export async function readValueFile(file: string, dialect: Dialect): Promise<{ text: string; value: TemplateValue }> {
  const text = await readTextFile(file);
  try {
    return { text, value: readYaml(text, dialect) };
  } catch (error) {
    if (error instanceof TemplateFault) throw unreadable(file, error);
    throw error;
  }
}

/** A file's text. Throws TemplateError when it is missing, a folder, or larger than `bytesMax`. */
export async function readTextFile(file: string, bytesMax: number = TEMPLATE_BYTES_MAX): Promise<string> {
  const start = { line: 1, column: 1 };
  try {
    const found = await stat(file);
    if (found.isDirectory()) throw new TemplateFault(start, 'Expected a file, but this is a folder.');
    if (found.size > bytesMax) {
      throw new TemplateFault(start, `Expected at most ${bytesMax} bytes, but the file has ${found.size}.`);
    }
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof TemplateFault) throw unreadable(file, error);
    const reason = error instanceof Error ? error.message : String(error);
    const isMissing = reason.startsWith('ENOENT');
    throw unreadable(
      file,
      new TemplateFault(
        start,
        `Expected a file, but ${isMissing ? 'there is none' : `it cannot be read (${reason})`}.`,
      ),
    );
  }
}

function unreadable(file: string, fault: TemplateFault): TemplateError {
  const { line, column } = fault.at;
  const problem: Problem = {
    kind: 'invalid',
    file,
    line,
    column,
    resource: null,
    resourceType: null,
    message: fault.message,
  };
  return new TemplateError([problem]);
}
