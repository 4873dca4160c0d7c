import { join } from 'node:path';
import { type Assembly, type AssemblyStack, chooseStacks } from './assembly.js';
import { otherStacks, type StackOutput } from './other-stacks.js';
import type { DeployPlan } from './plan.js';
import { TemplateError } from './problem.js';
import { readTemplate, type TemplateDocument } from './read-template.js';
import { type ResolveOptions, resolveTemplate } from './resolve-template.js';
import { memberOfMap } from './template-value.js';

export interface AssemblyOptions extends Omit<ResolveOptions, 'stackName' | 'assets' | 'otherStacks'> {
  /** Names of the stacks to deploy, with what they depend on; none for all. */
  readonly stacks: readonly string[];
  /** Outputs of the stacks that are deployed already. */
  readonly deployed: readonly StackOutput[];
}

/**
 * A plan for each stack, in the order in which they are deployed. Outputs are known before anything is built, so that a later
 * stack's imports are resolved here. Parameters are given as `Name` to every stack that has it, or as `Stack:Name` to one.
 * Throws TemplateError: an unknown stack or parameter, a template that cannot be read.
 */
export async function resolveAssembly(assembly: Assembly, options: AssemblyOptions): Promise<readonly DeployPlan[]> {
  const { stacks: names, deployed, parameters: given, ...common } = options;
  const documents = new Map<AssemblyStack, TemplateDocument>();
  for (const stack of chooseStacks(assembly, names)) documents.set(stack, await readTemplate(stack.template));
  const used = new Set<string>();
  const plans: DeployPlan[] = [];
  let outputs = deployed;
  for (const [stack, document] of documents) {
    const { stackName, assets } = stack;
    const parameters = { ...stack.parameters, ...ownParameters(given, { stack, document, used }) };
    const others = outputs.filter((output) => output.stackName !== stackName);
    const from = { assets, otherStacks: otherStacks(others) };
    const plan = await resolveTemplate(document, { ...common, ...from, parameters, stackName });
    plans.push(plan);
    outputs = [...others, ...plan.outputs.map((output) => ({ ...output, stackName }))];
  }
  const unused = Object.keys(given).filter((name) => !used.has(name));
  if (unused.length > 0) throw unknownParameters(assembly, unused);
  return plans;
}

/** Those of the given parameters that this stack's template declares. */
function ownParameters(
  given: Readonly<Record<string, string>>,
  { stack, document, used }: { stack: AssemblyStack; document: TemplateDocument; used: Set<string> },
): Readonly<Record<string, string>> {
  const section = memberOfMap(document.root, 'Parameters');
  const declared = section?.kind === 'map' ? section.entries.map((entry) => entry.key) : [];
  const own: Record<string, string> = {};
  for (const name of declared) {
    for (const key of [name, `${stack.stackName}:${name}`]) {
      const value = Object.hasOwn(given, key) ? given[key] : undefined;
      if (value === undefined) continue;
      used.add(key);
      own[name] = value;
    }
  }
  return own;
}

function unknownParameters({ folder }: Assembly, names: readonly string[]): TemplateError {
  const message = `Expected parameters that a stack of the assembly has, but none has '${names.join("' or '")}'.`;
  const place = { file: join(folder, 'manifest.json'), line: 1, column: 1 };
  return new TemplateError([{ kind: 'invalid', ...place, resource: null, resourceType: null, message }]);
}
