// Resolves @aws-sdk and @smithy packages from beside Treadle where the function's own folder does not have them.

let parentUrl;

export function initialize(data) {
  parentUrl = data.parentUrl;
}

export async function resolve(specifier, context, nextResolve) {
  try {
    return await nextResolve(specifier, context);
  } catch (error) {
    if (!/^@(?:aws-sdk|smithy)\//.test(specifier)) throw error;
    return await nextResolve(specifier, { ...context, parentURL: parentUrl });
  }
}
