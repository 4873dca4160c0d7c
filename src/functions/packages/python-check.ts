import { execFile } from 'node:child_process';
import { FUNCTION_INSTALL_CHECK_MS_MAX } from '../../limits.js';

/** Ends with 0 when this Python has everything that the list names; options, paths and URLs are never taken to be there. */
const QUESTION = `
import sys
from importlib.metadata import version
from pip._vendor.packaging.requirements import Requirement

for line in open(sys.argv[1], encoding="utf-8"):
    line = line.split(" #")[0].strip()
    if not line or line.startswith("#"):
        continue
    wanted = Requirement(line)
    if wanted.marker is not None and not wanted.marker.evaluate():
        continue
    if wanted.url or wanted.extras or not wanted.specifier.contains(version(wanted.name), prereleases=True):
        sys.exit(1)
`;

/** Whether the Python of this machine satisfies a requirements.txt already, as Lambda's has boto3. */
export function isSatisfied(command: string, file: string): Promise<boolean> {
  return new Promise((resolve) => {
    const options = { timeout: FUNCTION_INSTALL_CHECK_MS_MAX };
    execFile(command, ['-I', '-c', QUESTION, file], options, (error) => resolve(error === null));
  });
}
