import { editDistance } from '../../language/edit-distance.js';

/** Those of `known` that look like `text`, the likeliest first. */
export function nearestNames(text: string, known: readonly string[]): readonly string[] {
  const letters = text.toLowerCase();
  return [...new Set(known)]
    .map((name) => ({ name, distance: editDistance(letters, name.toLowerCase()) }))
    .filter(({ name, distance }) => distance <= Math.max(text.length, name.length) / 2)
    .sort((a, b) => a.distance - b.distance)
    .map(({ name }) => name);
}
