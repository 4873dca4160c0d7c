import { type Document, isMap, isScalar, parseDocument, Scalar, type YAMLMap } from 'yaml';
import { CliError, usageError } from '../cli-error.js';

const NEW_TEMPLATE = `AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31

Resources: {}
`;

export interface TemplateMachine {
  readonly logicalId: string;
  /** Its Name, else its logical id. */
  readonly name: string;
  /** Path of the ASL file, relative to the template. */
  readonly definition: string;
}

export interface FunctionResource {
  readonly name: string;
  readonly runtime: string;
  readonly handler: string;
  /** Folder of the code, relative to the template. */
  readonly code: string;
}

/** A template's text, and what `treadle create` adds to it; comments and order stay as they are. */
export class TemplateText {
  readonly #document: Document;
  readonly #file: string;

  /** `text` is null where there is no template yet. */
  constructor(file: string, text: string | null) {
    this.#file = file;
    const document = parseDocument(text ?? NEW_TEMPLATE, { logLevel: 'silent' });
    const [fault] = document.errors;
    if (fault !== undefined) throw new CliError(`Expected YAML in ${file}, but ${fault.message}`);
    if (!isMap(document.contents)) throw new CliError(`Expected ${file} to be a template: an object with Resources.`);
    this.#document = document;
  }

  /** State machines whose definition is a JSON file beside the template. */
  machines(): readonly TemplateMachine[] {
    return this.#resources('AWS::Serverless::StateMachine').flatMap(({ logicalId, properties }) => {
      const definition = textIn(properties, 'DefinitionUri');
      if (definition === null) return [];
      return [{ logicalId, name: textIn(properties, 'Name') ?? logicalId, definition }];
    });
  }

  /** Logical id of a function, by its name or its logical id. */
  functionId(name: string): string | null {
    const found = this.#resources('AWS::Serverless::Function').find(
      ({ logicalId, properties }) => logicalId === name || textIn(properties, 'FunctionName') === name,
    );
    return found?.logicalId ?? null;
  }

  addMachine(name: string, logicalId: string, definition: string): void {
    this.#add(logicalId, {
      Type: 'AWS::Serverless::StateMachine',
      Properties: { Name: name, Type: 'STANDARD', DefinitionUri: definition },
    });
  }

  addFunction(logicalId: string, { name, runtime, handler, code }: FunctionResource): void {
    this.#add(logicalId, {
      Type: 'AWS::Serverless::Function',
      Properties: { FunctionName: name, Runtime: runtime, Handler: handler, CodeUri: code, Timeout: 30 },
    });
  }

  /** Lets a machine call a function: `${<function>Arn}` in its definition, and the right to do so on AWS. */
  letCall(machine: TemplateMachine, functionId: string): string {
    const substitution = `${functionId}Arn`;
    const properties = ['Resources', machine.logicalId, 'Properties'];
    if (this.#document.hasIn([...properties, 'DefinitionSubstitutions', substitution])) return substitution;
    const arn = this.#call('!GetAtt', `${functionId}.Arn`);
    this.#document.setIn([...properties, 'DefinitionSubstitutions', substitution], arn);
    const policies = this.#document.getIn([...properties, 'Policies']);
    const policy = this.#document.createNode({ LambdaInvokePolicy: { FunctionName: null } }, { flow: true });
    policy.setIn(['LambdaInvokePolicy', 'FunctionName'], this.#call('!Ref', functionId));
    if (policies === undefined) this.#document.setIn([...properties, 'Policies'], this.#document.createNode([policy]));
    else this.#document.addIn([...properties, 'Policies'], policy);
    return substitution;
  }

  toString(): string {
    return this.#document.toString({ lineWidth: 0 });
  }

  #call(tag: string, argument: string): Scalar {
    const scalar = new Scalar(argument);
    scalar.tag = tag;
    return scalar;
  }

  #add(logicalId: string, resource: object): void {
    if (this.#document.hasIn(['Resources', logicalId]))
      throw usageError(`Expected another name: ${this.#file} has a resource '${logicalId}' already.`);
    const resources = this.#document.get('Resources');
    if (isMap(resources)) resources.flow = false;
    this.#document.setIn(['Resources', logicalId], this.#document.createNode(resource));
  }

  #resources(type: string): readonly { readonly logicalId: string; readonly properties: YAMLMap }[] {
    const resources = this.#document.get('Resources');
    if (!isMap(resources)) return [];
    return resources.items.flatMap(({ key, value }) => {
      if (!isScalar(key) || !isMap(value) || value.get('Type') !== type) return [];
      const properties = value.get('Properties');
      return isMap(properties) ? [{ logicalId: String(key.value), properties }] : [];
    });
  }
}

function textIn(map: YAMLMap, name: string): string | null {
  const value = map.get(name);
  return typeof value === 'string' ? value : null;
}
