import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parseDocument } from 'yaml';
import { applicationFolder, readApplicationFile, sampleNames } from './application-files.js';

interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
}

// Short tags (!Ref, !GetAtt) are read as their plain text: here only their presence matters.
const template = parseDocument(readApplicationFile('template.yaml'), { logLevel: 'silent' }).toJS() as {
  readonly Resources: Readonly<Record<string, Resource>>;
};
const resources = Object.values(template.Resources);

function ofType(type: string): ReadonlyArray<Resource['Properties']> {
  return resources.filter((resource) => resource.Type === type).map((resource) => resource.Properties);
}

it.each(ofType('AWS::Serverless::StateMachine'))('$Name gets exactly the substitutions that it uses', (machine) => {
  const definition = readApplicationFile(String(machine.DefinitionUri));
  const used = new Set(Array.from(definition.matchAll(/\$\{(\w+)\}/g), (match) => match[1]));
  expect(Object.keys(machine.DefinitionSubstitutions as object).sort()).toEqual([...used].sort());
});

it.each(ofType('AWS::Serverless::Function'))('$FunctionName has its handler', (definition) => {
  const extension = String(definition.Runtime).startsWith('python') ? 'py' : 'ts';
  const [name] = String(definition.Handler).split('.');
  expect(existsSync(`${applicationFolder}${definition.CodeUri}${name}.${extension}`)).toBe(true);
});

it('README names every sample, demo card, stock item, table attribute and state', () => {
  const readme = readApplicationFile('README.md');
  const digits = readme.replaceAll(' ', '');
  const functions = ['verify-payment/verify_payment.py', 'charge-customer/charge-customer.ts']
    .map((path) => readApplicationFile(`functions/${path}`))
    .join();
  const cards = functions.match(/\b\d{16}\b/g) ?? [];
  const items = readApplicationFile('fill-stock.asl.json').match(/item-\w{5}/g) ?? [];
  const machine = JSON.parse(readApplicationFile('order-processing.asl.json')) as { States: Record<string, unknown> };
  const stops = /^(Order Not Valid|Checks Failed|Payment Not Verified|Stock Not Reserved|Why Was It Given Back)$/;
  const states = Object.keys(machine.States).filter((name) => !stops.test(name) && name !== 'Read Decline');
  expect(cards).toHaveLength(5);
  expect(items).toHaveLength(5);
  expect(cards.filter((card) => !digits.includes(card))).toEqual([]);
  expect([...sampleNames(), ...items].filter((name) => !readme.includes(`${name}`))).toEqual([]);
  expect(states.filter((name) => name !== 'Provider Silent' && !readme.includes(name))).toEqual([]);
});
