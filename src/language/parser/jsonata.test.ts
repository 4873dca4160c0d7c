import { describe, expect, it } from 'vitest';
import { parseDefinition } from '../parse-definition.js';
import { diagnose, quote } from './test-bed.js';

const S = 'SCHEMA_VALIDATION_FAILED:';
const U = 'UNSUPPORTED_JSONATA_EXPRESSION:';
const machine = (fields: string, more = "'B':{'Type':'Succeed'}"): string =>
  quote(`{'QueryLanguage':'JSONata','StartAt':'A','States':{'A':{${fields}},${more}}}`);
const pass = (fields: string): string => machine(`'Type':'Pass','Next':'B',${fields}`);
const task = (fields: string): string =>
  machine(`'Type':'Task','Resource':'arn:aws:states:::lambda:invoke','Next':'B',${fields}`);
const map = (fields: string, config = ''): string =>
  machine(
    `'Type':'Map','Next':'B','ItemProcessor':{${config}'StartAt':'I','States':{'I':{'Type':'Pass','End':true}}},${fields}`,
  );

describe('expressions of a state', () => {
  // biome-ignore format: one line a case
  it.each([
    [pass("'Output':'{% $states.input.a %}'"), 'fine'],
    [pass("'Output':'no {% expression %}'"), 'fine'],
    [pass("'Output':null"), 'fine'],
    [pass("'Output':{'v':['{% phone %}']}"), `${U} Reference to 'phone' at the top level is not supported. at /States/A/Output/v[0], on '{% phone %}'`],
    [pass("'Output':'{% $$ %}'"), `${U} Reference to '$$' is not supported. at /States/A/Output, on '{% $$ %}'`],
    [pass("'Output':'{% 1 + %}','Assign':{'x':'{% a[1,2) %}'}"), "INVALID_JSONATA_EXPRESSION: Unexpected end of expression at /States/A/Output, on '{% 1 + %}'\nINVALID_JSONATA_EXPRESSION: Expected \"]\", got \",\" at /States/A/Assign/x, on '{% a[1,2) %}'"],
    [pass("'Output':'{% $states.result %}'"), `${U} Field '$states.result' does not exist. at /States/A/Output, on '{% $states.result %}'`],
    [pass("'Assign':{'x':'{% $states.errorOutput.Error %}'}"), `${U} Field '$states.errorOutput' does not exist. at /States/A/Assign/x, on '{% $states.errorOutput.Error %}'`],
    [pass("'Output':'{% $states.nope %}'"), `${U} Field '$states.nope' does not exist. at /States/A/Output, on '{% $states.nope %}'`],
    [pass("'Assign':{'states':1}"), "RESERVED_VARIABLE_NAME: Cannot assign to reserved variable '$states'. at /States/A/Assign/states, on 'states'"],
    [pass("'Assign':{'x.$':1}"), "INVALID_VARIABLE_NAME: Invalid variable name 'x.$': the variable name contains invalid characters. at /States/A/Assign/x.$, on 'x.$'"],
    [pass("'Assign':'{% 1 %}'"), `${S} Expected value of type Object at /States/A/Assign, on '{% 1 %}'`],
    [task("'Output':'{% $states.result.Payload %}','Assign':{'x':'{% $states.result %}'}"), 'fine'],
    [task("'Arguments':{'FunctionName':'{% $states.result %}'}"), `${U} Field '$states.result' does not exist. at /States/A/Arguments/FunctionName, on '{% $states.result %}'`],
    [task("'Catch':[{'ErrorEquals':['E'],'Next':'B','Output':'{% $states.errorOutput %}','Assign':{'e':'{% $states.errorOutput %}'}}]"), 'fine'],
    [task("'Catch':[{'ErrorEquals':['E'],'Next':'B','Output':'{% $states.result %}'}]"), `${U} Field '$states.result' does not exist. at /States/A/Catch[0]/Output, on '{% $states.result %}'`],
    [task("'TimeoutSeconds':'{% 5 %}','HeartbeatSeconds':'{% 1 %}'"), 'fine'],
    [task("'TimeoutSeconds':'5'"), `${S} Expected value of type Integer at /States/A/TimeoutSeconds, on '5'`],
    [task("'Credentials':{'RoleArn':'{% $role %}'}"), 'fine'],
    [task("'Credentials':{'RoleArn.$':'$role'}"), `${S} Field 'RoleArn.$' is not supported at /States/A/Credentials, on 'RoleArn.$'\n${S} The field 'RoleArn' is required but was missing at /States/A/Credentials, on {`],
    [map("'Items':[1,'{% 2 %}'],'MaxConcurrency':'{% 1 %}','ItemSelector':{'v':'{% $states.context.Map.Item.Value %}'}"), 'fine'],
    [map("'Items':{'a':1}"), `${S} Expected value of type Array at /States/A/Items, on {`],
    [map("'Items':'text'"), `${S} Expected value of type Array at /States/A/Items, on 'text'`],
    [map("'Output':'{% $states.result %}','ToleratedFailurePercentage':'{% 1.5 %}'"), 'fine'],
    [machine("'Type':'Wait','Seconds':'{% 1 %}','Next':'B'"), 'fine'],
    [machine("'Type':'Wait','Timestamp':'{% $now() %}','Next':'B'"), 'fine'],
    [machine("'Type':'Wait','Timestamp':'2016-03-14','Next':'B'"), `${S} String does not match RFC3339 timestamp at /States/A/Timestamp, on '2016-03-14'`],
    [machine("'Type':'Wait','Seconds':'1','Next':'B'"), `${S} Expected value of type Integer at /States/A/Seconds, on '1'`],
    [machine("'Type':'Choice','Choices':[{'Condition':'{% $states.input.a %}','Next':'B','Output':1,'Assign':{'x':'{% 1 %}'}}],'Output':2"), 'fine'],
    [machine("'Type':'Choice','Choices':[{'Condition':true,'Next':'B'}]"), 'fine'],
    [machine("'Type':'Choice','Choices':[{'Condition':'true','Next':'B'}]"), `${S} Expected value of type Boolean at /States/A/Choices[0]/Condition, on 'true'`],
    [machine("'Type':'Choice','Choices':[{'Next':'B'}]"), `${S} These fields are required: [Condition] at /States/A/Choices[0], on {`],
    [machine("'Type':'Choice','Choices':[{'Condition':'{% 1 + %}','Next':'B'}]"), "INVALID_JSONATA_EXPRESSION: Unexpected end of expression at /States/A/Choices[0]/Condition, on '{% 1 + %}'"],
  ])('%s', (text, diagnostics) => {
    expect(diagnose(text)).toBe(diagnostics);
  });
});

describe('variables of nested blocks', () => {
  const inner = (assign: string, config = ''): string =>
    `'Type':'Map','Next':'C','ItemProcessor':{${config}'StartAt':'I','States':{'I':{'Type':'Pass','End':true,${assign}}}}`;
  const outer = (map: string, first: string, last: string): string =>
    quote(
      `{'StartAt':'A','States':{'A':{'Type':'Pass','Next':'B',${first}},'B':{${map}},'C':{'Type':'Pass','End':true,${last}}}}`,
    );
  const X = "'Assign':{'x':1}";
  const Y = "'Assign':{'y':1}";
  const DUPLICATE =
    "DUPLICATE_VARIABLE_NAME: Expected 'x' to be the name of a variable of this scope only, but an outer scope assigns it too (/States/A/Assign/x). Choose another name: an inner scope reads outer variables and cannot change them. at /States/B/ItemProcessor/States/I/Assign/x, on 'x'";
  const DISTRIBUTED = "'ProcessorConfig':{'Mode':'DISTRIBUTED','ExecutionType':'STANDARD'},";

  // biome-ignore format: one line a case
  it.each([
    ['a name that the outer scope has already', outer(inner(X), X, Y), DUPLICATE],
    ['a name that the outer scope gets later', outer(inner(X), Y, X), 'fine'],
    ['the same name in two branches', quote("{'StartAt':'P','States':{'P':{'Type':'Parallel','End':true,'Branches':[{'StartAt':'A','States':{'A':{'Type':'Pass','End':true,'Assign':{'x':1}}}},{'StartAt':'B','States':{'B':{'Type':'Pass','End':true,'Assign':{'x':1}}}}]}}}"), 'fine'],
    ['an outer variable that is read', outer(inner("'Parameters':{'a.$':'$x'}"), X, Y), 'fine'],
  ])('%s', (_, text, diagnostics) => {
    expect(diagnose(text)).toBe(diagnostics);
  });

  it('a distributed Map may use the names of the outer scope, and cannot read them', () => {
    const { diagnostics } = parseDefinition(
      outer(inner(`${X},'Parameters':{'a.$':'$y'}`, DISTRIBUTED), "'Assign':{'x':1,'y':2}", Y),
      { type: 'STANDARD' },
    );
    expect(diagnostics.filter(({ code }) => code !== 'UNSUPPORTED_BY_TREADLE').map(({ message }) => message)).toEqual([
      "The variable 'y' is assigned outside of the distributed Map (/States/A/Assign/y), whose item processor cannot read it. Pass the value with ItemSelector.",
    ]);
  });
});

it('variable references name those of expressions', () => {
  const { definition } = parseDefinition(
    machine("'Type':'Pass','Next':'B','Output':{'a':'{% $x %}'},'Assign':{'z':'{% $y.b %}'}"),
    { type: 'STANDARD' },
  );
  expect(Object.fromEntries(definition?.variableReferences ?? [])).toEqual({ A: ['x', 'y'] });
});
