// biome-ignore lint/suspicious/noControlCharactersInRegex: XML 1.0 cannot carry these at all
const UNWRITABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;
const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#xD;',
};

/** Text content or an attribute's value. Characters that XML cannot carry become U+FFFD. */
export const escapeXml = (text: string): string =>
  text.replace(UNWRITABLE, '\ufffd').replace(/[&<>"\r]/g, (char) => ESCAPES[char] ?? char);
