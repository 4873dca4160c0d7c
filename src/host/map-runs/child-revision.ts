import { childDefinition } from '../../language/index.js';
import type { Revision } from '../ports.js';

/** Between the revision of the machine and the label of the Map whose children run a part of it. */
const MARK = '#';

/** The revision that the children of the Map with this label run. Throws for a label that the definition does not have. */
export function childRevision(revision: Revision, label: string): Revision {
  const child = childDefinition(revision.definition, label);
  if (child === null) throw new Error(`Broken invariant: revision ${revision.id} has no Map with label ${label}`);
  return {
    ...revision,
    id: `${baseRevision(revision.id).id}${MARK}${label}`,
    machineArn: `${unlabelled(revision.machineArn)}/${label}`,
    machineName: `${unlabelled(revision.machineName)}/${label}`,
    definition: child.definition,
  };
}

/** The machine's own revision of which a child's is a part, and the label; null where it is none of a child. */
export function baseRevision(id: string): { readonly id: string; readonly label: string | null } {
  const at = id.indexOf(MARK);
  return at < 0 ? { id, label: null } : { id: id.slice(0, at), label: id.slice(at + MARK.length) };
}

const unlabelled = (name: string): string => name.split('/')[0] ?? name;
