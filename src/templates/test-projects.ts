/** For this folder's tests: templates in temporary folders, and their plans. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  type DeployPlan,
  formatProblem,
  formatRemark,
  type ResolveOptions,
  readTemplate,
  resolveTemplate,
} from './index.js';

export type ProjectFiles = Readonly<Record<string, string>>;

export interface TestProjects {
  /** Writes a template (`template.yaml` unless `files` says more) and `src/app.js` into a folder of its own; gives the template's path. */
  write(template: string, files?: ProjectFiles, fileName?: string): Promise<string>;
  plan(template: string, options?: Partial<ResolveOptions> & { files?: ProjectFiles }): Promise<DeployPlan>;
  readonly root: string;
  remove(): Promise<void>;
}

export const PLACE = { region: 'eu-west-1', account: '000000000000' };

export async function newTestProjects(): Promise<TestProjects> {
  const root = await mkdtemp(join(tmpdir(), 'treadle-templates-'));
  let count = 0;
  const write: TestProjects['write'] = async (template, files = {}, fileName = 'template.yaml') => {
    const folder = join(root, String(count++));
    const all: ProjectFiles = { [fileName]: template, 'src/app.js': 'exports.handler = async () => 1;', ...files };
    for (const [name, content] of Object.entries(all)) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), content);
    }
    return join(folder, fileName);
  };
  return {
    root,
    write,
    async plan(template, { files = {}, ...options } = {}) {
      const document = await readTemplate(await write(template, files));
      return resolveTemplate(document, { parameters: {}, place: PLACE, stackName: 'shop', ...options });
    },
    remove: () => rm(root, { recursive: true, force: true }),
  };
}

const withoutFolder = (text: string): string => text.replace(/^\S*\/(?=[\w.-]+:\d)/, '');

/** Problems as text, folders cut off. */
export const problemsOf = ({ problems }: Pick<DeployPlan, 'problems'>): readonly string[] =>
  problems.map((problem) => withoutFolder(formatProblem(problem)));

export const remarksOf = ({ remarks }: Pick<DeployPlan, 'remarks'>): readonly string[] =>
  remarks.map((remark) => withoutFolder(formatRemark(remark)));
