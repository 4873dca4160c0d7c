import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { CliError, usageError } from '../cli-error.js';
import { templateFile } from '../template-file.js';
import { DefinitionText } from './definition-text.js';
import {
  checkFunctionName,
  checkMachineName,
  checkStateName,
  identifierOf,
  logicalIdOf,
  variableIdOf,
} from './names.js';
import { type StarterRuntime, starterCode } from './starter-code.js';
import { type TemplateMachine, TemplateText } from './template-text.js';

/** What was made: lines for the person, in order, and the files that were written. */
export interface Creation {
  readonly kind: 'task' | 'step' | 'variable' | 'function';
  readonly name: string;
  /** Of a variable: how steps name it. */
  readonly id: string | null;
  /** Relative to the folder. */
  readonly files: readonly string[];
}

export interface StepRequest {
  readonly name: string;
  readonly description: string | null;
  /** Names or ids of variables. */
  readonly variables: readonly string[];
  /** A function's name; null makes one for the step. */
  readonly functionName: string | null;
  readonly runtime: StarterRuntime;
  readonly task: string | null;
}

/** The template and the ASL files of one folder, as `treadle create` writes and extends them. */
export class Project {
  readonly #folder: string;
  readonly #template: TemplateText;
  readonly #templatePath: string;
  /** To be written, by path. Nothing is before everything has been checked. */
  readonly #files = new Map<string, string>();

  private constructor(folder: string, templatePath: string, template: TemplateText) {
    this.#folder = folder;
    this.#templatePath = templatePath;
    this.#template = template;
  }

  static async open(folder: string): Promise<Project> {
    const found = templateFile(folder, undefined);
    if (found?.endsWith('.json'))
      throw usageError(
        'Expected a YAML template, but this folder has template.json. treadle create extends YAML only.',
      );
    const path = found ?? join(folder, 'template.yaml');
    const text = found === null ? null : await readFile(path, 'utf8');
    return new Project(folder, path, new TemplateText(relative(folder, path), text));
  }

  /** A task of the founding documents is a state machine. */
  async createTask(name: string, description: string | null): Promise<Creation> {
    checkMachineName(name);
    const file = `${name}.asl.json`;
    if (existsSync(join(this.#folder, file)))
      throw usageError(`Expected another name: there is a file ${file} already.`);
    this.#template.addMachine(name, logicalIdOf(name), file);
    this.#files.set(file, DefinitionText.empty(file, description).toString());
    return this.#write({ kind: 'task', name, id: null });
  }

  /** A variable gets its value when an execution starts; `value` is JSON where it reads as such, else text. */
  async createVariable(name: string, value: string, task: string | null): Promise<Creation> {
    const id = variableIdOf(name);
    const { definition, machine } = await this.#open(task);
    definition.setVariable(id, jsonOrText(value));
    this.#files.set(machine.definition, definition.toString());
    return this.#write({ kind: 'variable', name, id });
  }

  async createFunction(name: string, handler: string, runtime: StarterRuntime): Promise<Creation> {
    this.#addFunction({ name, handler, runtime, variableIds: [] });
    return this.#write({ kind: 'function', name, id: null });
  }

  /** A step is a Task state that calls a function; it comes after the last one. */
  async createStep(request: StepRequest): Promise<Creation> {
    checkStateName(request.name);
    const { definition, machine } = await this.#open(request.task);
    const variableIds = request.variables.map(variableIdOf);
    const functionId = this.#functionOf(request, variableIds);
    const functionArn = this.#template.letCall(machine, functionId);
    definition.addStep({ name: request.name, description: request.description, functionArn, variableIds });
    this.#files.set(machine.definition, definition.toString());
    return this.#write({ kind: 'step', name: request.name, id: null });
  }

  #functionOf({ name, functionName, runtime }: StepRequest, variableIds: readonly string[]): string {
    const found = this.#template.functionId(functionName ?? name);
    if (found !== null) return found;
    if (functionName !== null)
      throw usageError(
        `Expected --function to name a function of the template, but '${functionName}' is none. Make it first: treadle create function --name ${functionName} --handler …`,
      );
    return this.#addFunction({ name, handler: identifierOf(name), runtime, variableIds });
  }

  #addFunction(request: {
    readonly name: string;
    readonly handler: string;
    readonly runtime: StarterRuntime;
    readonly variableIds: readonly string[];
  }): string {
    const { name, runtime } = request;
    checkFunctionName(name);
    if (!/^[a-zA-Z_][a-zA-Z0-9_]*(\.[a-zA-Z_][a-zA-Z0-9_]*)?$/.test(request.handler))
      throw usageError(
        `Expected --handler to be a function's name, with its file's name before a dot if need be (app.handler), but it is '${request.handler}'.`,
      );
    const { file, text, handler } = starterCode(request);
    const code = `functions/${name}/`;
    if (existsSync(join(this.#folder, code)))
      throw usageError(`Expected another name: there is a folder ${code} already.`);
    const logicalId = `${logicalIdOf(name)}Function`;
    this.#template.addFunction(logicalId, { name, runtime, handler, code });
    this.#files.set(`${code}${file}`, text);
    return logicalId;
  }

  /** The task that is meant: the named one, else the only one. */
  async #open(task: string | null): Promise<{ machine: TemplateMachine; definition: DefinitionText }> {
    const machines = this.#template.machines();
    const names = machines.map(({ name }) => name).join(', ');
    const [only] = machines;
    if (only === undefined)
      throw usageError('Expected a task in this folder, but there is none. Make one: treadle create task --name …');
    if (task === null && machines.length > 1) throw usageError(`Expected --task, one of: ${names}`);
    const machine = task === null ? only : machines.find(({ name }) => name === task);
    if (machine === undefined) throw usageError(`Expected --task to be one of: ${names}; but it is '${task}'.`);
    if (!machine.definition.endsWith('.json'))
      throw usageError(`Expected the definition as JSON, but ${machine.definition} is not. Extend it by hand.`);
    const path = join(dirname(this.#templatePath), machine.definition);
    const text = await readFile(path, 'utf8').catch(() => {
      throw new CliError(
        `Expected the definition ${machine.definition} that the template names, but it cannot be read.`,
      );
    });
    return { machine, definition: new DefinitionText(machine.definition, text) };
  }

  /** Each file whole or not at all; the template last, so that it names nothing that is not there. */
  async #write(creation: Omit<Creation, 'files'>): Promise<Creation> {
    const template = relative(this.#folder, this.#templatePath);
    this.#files.set(template, this.#template.toString());
    for (const [file, text] of this.#files) {
      const path = join(this.#folder, file);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(`${path}.new`, text);
      await rename(`${path}.new`, path);
    }
    return { ...creation, files: [...this.#files.keys()] };
  }
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
