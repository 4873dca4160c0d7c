import type { Block, Definition, DistributedMap } from './definition.js';

export interface ChildDefinition {
  readonly definition: Definition;
  readonly executionType: DistributedMap['executionType'];
}

/**
 * What the children of the distributed Map with this label run: its ItemProcessor, as a machine of its own. Null when
 * there is no such Map, however deep. Made from the definition alone, so that it is the same after a restart.
 */
export function childDefinition(definition: Definition, label: string): ChildDefinition | null {
  const found = mapWithLabel(definition, label);
  if (found === null) return null;
  const { queryLanguage } = definition;
  return {
    executionType: found.executionType,
    definition: {
      ...found.processor,
      comment: null,
      timeoutSeconds: null,
      queryLanguage,
      variableReferences: new Map(),
      warnings: [],
    },
  };
}

function mapWithLabel(
  block: Block,
  label: string,
): { readonly processor: Block; readonly executionType: DistributedMap['executionType'] } | null {
  for (const state of block.states.values()) {
    if (state.type !== 'Map' && state.type !== 'Parallel') continue;
    if (state.type === 'Map' && state.distributed?.label === label) {
      return { processor: state.processor, executionType: state.distributed.executionType };
    }
    for (const inner of state.type === 'Map' ? [state.processor] : state.branches) {
      const found = mapWithLabel(inner, label);
      if (found !== null) return found;
    }
  }
  return null;
}
