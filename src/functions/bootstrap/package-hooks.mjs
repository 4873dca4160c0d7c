// Resolves packages that ES modules name and the function's own folder does not have: those that were installed for it, and
// @aws-sdk and @smithy from beside Treadle.

let parents = [];

export function initialize(data) {
  parents = data.parents;
}

export async function resolve(specifier, context, nextResolve) {
  try {
    return await nextResolve(specifier, context);
  } catch (error) {
    if (/^[./]|^[a-z]+:/.test(specifier)) throw error;
    for (const { url, isSdk } of parents) {
      if (isSdk && !/^@(?:aws-sdk|smithy)\//.test(specifier)) continue;
      try {
        return await nextResolve(specifier, { ...context, parentURL: url });
      } catch {
        // the next place, or the first error
      }
    }
    throw error;
  }
}
