import { TemplateFault } from './problem.js';
import type { Position, ScalarValue, TemplateValue } from './template-value.js';

/** A definition written as YAML values: its JSON text, and the place of every member (`/States/A/Next`). */
export interface DefinitionJson {
  readonly text: string;
  readonly places: ReadonlyMap<string, Position>;
}

/** JSON with the members in the order written, two blanks a level; numbers keep their digits. */
export function definitionJson(value: TemplateValue): DefinitionJson {
  const places = new Map<string, Position>();
  const text = write(value, { location: '', indent: '', places });
  return { text, places };
}

interface Writer {
  readonly location: string;
  readonly indent: string;
  readonly places: Map<string, Position>;
}

function write(value: TemplateValue, writer: Writer): string {
  if (!writer.places.has(writer.location)) writer.places.set(writer.location, value.at);
  const indent = `${writer.indent}  `;
  switch (value.kind) {
    case 'scalar':
      return writeScalar(value);
    case 'list': {
      const items = value.items.map((item, index) =>
        write(item, { ...writer, indent, location: `${writer.location}[${index}]` }),
      );
      return items.length === 0 ? '[]' : `[\n${indent}${items.join(`,\n${indent}`)}\n${writer.indent}]`;
    }
    case 'map': {
      const members = value.entries.map(({ key, keyAt, value: item }) => {
        const location = `${writer.location}/${key}`;
        writer.places.set(location, keyAt);
        return `${JSON.stringify(key)}: ${write(item, { ...writer, indent, location })}`;
      });
      return members.length === 0 ? '{}' : `{\n${indent}${members.join(`,\n${indent}`)}\n${writer.indent}}`;
    }
    case 'call':
      throw new TemplateFault(
        value.at,
        `Expected a plain value in a definition, but found the function ${value.name}.`,
      );
    default:
      return value satisfies never;
  }
}

const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?$/;

function writeScalar({ value, text }: ScalarValue): string {
  if (typeof value === 'number') return JSON_NUMBER.test(text) ? text : String(value);
  return JSON.stringify(value);
}
