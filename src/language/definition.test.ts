import { describe, expect, it } from 'vitest';
import type { Definition, State } from './definition.js';
import { parseDefinition } from './parse-definition.js';
import { map, quote, task, withState } from './parser/test-bed.js';

function parsed(text: string): Definition {
  const { definition, diagnostics } = parseDefinition(text, { type: 'STANDARD' });
  if (definition === null) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return definition;
}

const state = (fields: string): State => parsed(withState(fields)).startAt;

describe('a compiled definition', () => {
  it('has the states of the block in order, the first one and the machine’s own fields', () => {
    const text =
      "{'Comment':'c','TimeoutSeconds':9,'StartAt':'B','States':{'A':{'Type':'Succeed'},'B':{'Type':'Pass','Next':'A'}}}";
    const definition = parsed(quote(text));
    expect([...definition.states.keys()]).toEqual(['A', 'B']);
    expect(definition.startAt).toBe(definition.states.get('B'));
    expect(definition).toMatchObject({ comment: 'c', timeoutSeconds: 9, queryLanguage: 'JSONPath', warnings: [] });
    expect(definition.startAt).toMatchObject({ name: 'B', location: '/States/B', next: 'A' });
  });

  it('keeps warnings', () => {
    const definition = parsed(withState("'Type':'Pass','End':true,'Parameters':{'a':'$.x'}"));
    expect(definition.warnings.map(({ code }) => code)).toEqual(['NO_DOLLAR']);
  });

  it('tells a path written as null from one not written', () => {
    expect(state("'Type':'Pass','End':true,'InputPath':null")).toMatchObject({
      inputPath: null,
      outputPath: undefined,
      resultPath: undefined,
      next: null,
    });
  });

  it('keeps a Result as it is', () => {
    const pass = state("'Type':'Pass','End':true,'Result':{'10':1.0,'2':null}");
    expect(pass.type === 'Pass' && pass.result?.text).toBe('{"10":1.0,"2":null}');
  });

  it('fills in the defaults of Retry', () => {
    expect(state(task("'Retry':[{'ErrorEquals':['E']}]"))).toMatchObject({
      retry: [
        {
          errorEquals: ['E'],
          intervalSeconds: 1,
          maxAttempts: 3,
          backoffRate: 2,
          maxDelaySeconds: null,
          jitter: 'NONE',
        },
      ],
    });
  });

  // biome-ignore format: one line a case
  it.each([
    ["'Seconds':5", { type: 'seconds', seconds: 5 }],
    ["'Timestamp':'2016-03-14T01:59:00Z'", { type: 'timestamp', at: 1457920740000 }],
    ["'SecondsPath':'$.s'", { type: 'secondsPath', path: { text: '$.s' } }],
    ["'TimestampPath':'$$.Execution.StartTime'", { type: 'timestampPath', path: { text: '$$.Execution.StartTime' } }],
  ])('Wait %s', (fields, until) => {
    expect(state(`'Type':'Wait','End':true,${fields}`)).toMatchObject({ until });
  });

  it('reads the old form of Map like the new one', () => {
    const old = state(
      "'Type':'Map','End':true,'Iterator':{'StartAt':'I','States':{'I':{'Type':'Pass','End':true}}},'Parameters':{'v.$':'$$.Map.Item.Value'}",
    );
    expect(old).toMatchObject({
      maxConcurrency: 0,
      distributed: null,
      processor: { startAt: { location: '/States/A/Iterator/States/I' } },
    });
    expect(old.type === 'Map' && old.itemSelector).not.toBeNull();
    expect(state(map("'MaxConcurrencyPath':'$.m','ItemsPath':'$.a'"))).toMatchObject({
      maxConcurrency: { text: '$.m' },
      itemsPath: { text: '$.a' },
    });
  });

  it('takes the role of Credentials', () => {
    const constant = state(task("'Credentials':{'RoleArn':'arn:aws:iam::000000000000:role/r'}"));
    expect(constant.type === 'Task' && constant.roleArn?.constant?.value).toBe('arn:aws:iam::000000000000:role/r');
    const dynamic = state(task("'Credentials':{'RoleArn.$':'$role'}"));
    expect(dynamic.type === 'Task' && dynamic.roleArn?.constant).toBeNull();
  });

  it('counts one transition of Succeed and Fail as their own', () => {
    expect(state("'Type':'Fail','Error':'E','CausePath':'$.c'")).toMatchObject({
      error: 'E',
      cause: { constant: null },
    });
  });
});

describe('variable references', () => {
  const references = (fields: string): unknown => Object.fromEntries(parsed(withState(fields)).variableReferences);
  // biome-ignore format: one line a case
  it.each([
    ["'Type':'Pass','End':true,'Assign':{'a':1,'b.$':'$.x'}", {}],
    ["'Type':'Pass','End':true,'Parameters':{'a.$':'$result'}", { A: ['result'] }],
    ["'Type':'Pass','End':true,'InputPath':'$answer','OutputPath':'$answer'", { A: ['answer'] }],
    ["'Type':'Pass','End':true,'Parameters':{'a.$':'States.Format(`{} {}`, $name, $place.city)'}", { A: ['name', 'place'] }],
    ["'Type':'Pass','End':true,'Assign':{'x.$':'$y'}", { A: ['y'] }],
    ["'Type':'Wait','End':true,'SecondsPath':'$waitTime'", { A: ['waitTime'] }],
    ["'Type':'Fail','CausePath':'$causeVar','ErrorPath':'$errorVar'", { A: ['errorVar', 'causeVar'] }],
    [map("'ItemsPath':'$list','MaxConcurrencyPath':'$max','ToleratedFailureCountPath':'$count'"), { A: ['list', 'max', 'count'] }],
    [task("'TimeoutSecondsPath':'$timeout'"), { A: ['timeout'] }],
  ])('%s', (fields, expected) => {
    expect(references(fields)).toEqual(expected);
  });

  it('of Choice rules, and of states in branches, under each state’s own name', () => {
    const text =
      "{'StartAt':'C','States':{'C':{'Type':'Choice','Choices':[{'Variable':'$guess','NumericEqualsPath':'$answer','Next':'P'}],'Default':'P'},'P':{'Type':'Parallel','End':true,'Branches':[{'StartAt':'B','States':{'B':{'Type':'Pass','InputPath':'$bias','End':true}}}]}}}";
    expect(Object.fromEntries(parsed(quote(text)).variableReferences)).toEqual({ C: ['guess', 'answer'], B: ['bias'] });
  });
});
