// On Lambda a function's folder stands alone. Here a project around it may say `"type": "module"` in its package.json, and Node
// would read the function's CommonJS files as modules: what `cdk synth` and `sam build` bundle has no package.json of its own.

import { existsSync, readFileSync } from 'node:fs';
import { Module } from 'node:module';
import { dirname, sep } from 'node:path';
import { compileFunction } from 'node:vm';

const PARAMETERS = ['exports', 'require', 'module', '__filename', '__dirname'];

/** Makes `require` read CommonJS files below `root` as such unless a package.json below `root` says otherwise. */
export function keepCommonJs(root) {
  const load = Module._extensions['.js'];
  Module._extensions['.js'] = (module, file) => {
    if (isLoneCommonJs(root, file)) module._compile(readFileSync(file, 'utf8'), file);
    else load(module, file);
  };
}

/** Whether the file stands below `root` without a package.json of its own, and is written as CommonJS. */
export function isLoneCommonJs(root, file) {
  if (!file.startsWith(root + sep)) return false;
  for (let folder = dirname(file); folder.length >= root.length; folder = dirname(folder)) {
    if (existsSync(`${folder}${sep}package.json`)) return false;
  }
  try {
    compileFunction(readFileSync(file, 'utf8').replace(/^#!.*/, ''), PARAMETERS);
    return true;
  } catch {
    return false; // it imports or exports, or is broken: Node tells what is wrong
  }
}
