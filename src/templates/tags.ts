import { refuse } from './problem.js';
import { allowOnly, member, requiredText, type Section, section, sections, texts } from './properties.js';

/** Tags as CloudFormation has them, a list of Key and Value, or as SAM has them, a map. */
export function readTags(own: Section): Readonly<Record<string, string>> {
  const value = member(own, 'Tags');
  if (value === null) return {};
  if (value.kind === 'map') {
    const map = section(own, 'Tags');
    return map === null ? {} : texts(map);
  }
  const tags = sections(own, 'Tags').map((tag) => {
    allowOnly(tag, ['Key', 'Value']);
    return [requiredText(tag, 'Key'), requiredText(tag, 'Value')] as const;
  });
  const twice = tags.find(([key], index) => tags.findIndex(([other]) => other === key) !== index);
  if (twice !== undefined) refuse(own.findings, value.at, `Expected one tag a key, but '${twice[0]}' comes twice.`);
  return Object.fromEntries(tags);
}
