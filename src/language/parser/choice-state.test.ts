import { describe, expect, it } from 'vitest';
import { diagnose, withTwo } from './test-bed.js';

const S = 'SCHEMA_VALIDATION_FAILED:';

describe('Choice', () => {
  const choice = (rule: string): string => `'Type':'Choice','Choices':[${rule}],'Default':'B'`;
  // biome-ignore format: one line a case
  it.each([
    ["'Type':'Choice','Default':'B'", `${S} These fields are required: [Choices] at /States/A, on {`],
    [choice(''), `${S} Value cannot be empty at /States/A/Choices, on [`],
    [choice("{'Variable':'$.a','IsPresent':true}"), `${S} These fields are required: [Next] at /States/A/Choices[0], on {`],
    [choice("{'Variable':'$.a','IsPresent':true,'Next':'Ghost'}"), "MISSING_TRANSITION_TARGET: Missing 'Next' target: Ghost at /States/A/Choices[0]/Next, on 'Ghost'"],
    [choice("{'Next':'B'}"), `${S} The object must have only one of the following fields, [And, Or, Not, Variable, Condition] at /States/A/Choices[0], on {`],
    [choice("{'Condition':'{% true %}','Next':'B'}"), `${S} The QueryLanguage is set to 'JSONPath', but field 'Condition' is only supported for the 'JSONata' QueryLanguage at /States/A/Choices[0], on 'Condition'`],
    [choice("{'Variable':'a','IsPresent':true,'Next':'B'}"), `${S} Value is not a Reference Path: Reference path didn't start with '$' at /States/A/Choices[0]/Variable, on 'a'`],
    [choice("{'Variable':'$.a','StringEquals':5,'Next':'B'}"), `${S} Expected value of type String at /States/A/Choices[0]/StringEquals, on 5`],
    [choice("{'Variable':'$.a','NumericEquals':'5','Next':'B'}"), `${S} Expected value of type Number at /States/A/Choices[0]/NumericEquals, on '5'`],
    [choice("{'Variable':'$.a','IsNull':'x','Next':'B'}"), `${S} Expected value of type Boolean at /States/A/Choices[0]/IsNull, on 'x'`],
    [choice("{'Variable':'$.a','TimestampEquals':'x','Next':'B'}"), `${S} String does not match RFC3339 timestamp at /States/A/Choices[0]/TimestampEquals, on 'x'`],
    [choice("{'Variable':'$.a','StringEqualsPath':'b','Next':'B'}"), `${S} Value is not a Reference Path: Reference path didn't start with '$' at /States/A/Choices[0]/StringEqualsPath, on 'b'`],
    [choice("{'Variable':'$.a','StringIs':'b','Next':'B'}"), /^SCHEMA_VALIDATION_FAILED: Field 'StringIs' is not supported at \/States\/A\/Choices\[0\], on 'StringIs'\n.*This object should have only one/],
    [choice("{'Variable':'$.a','IsNull':true,'IsString':true,'Next':'B'}"), /There should only be one of the following fields: \[StringEquals, .*\] at \/States\/A\/Choices\[0\]/],
    [choice("{'And':[],'Next':'B'}"), `${S} Value cannot be empty at /States/A/Choices[0]/And, on [`],
    [choice("{'Not':[],'Next':'B'}"), `${S} Expected value of type Object at /States/A/Choices[0]/Not, on [`],
    [choice("{'And':[{'Variable':'$.a','IsNull':true,'Next':'B'}],'Next':'B'}"), `${S} Field 'Next' is not supported at /States/A/Choices[0]/And[0], on 'Next'`],
    [choice("{'Or':[{'Not':{'Variable':'a','IsNull':true}}],'Next':'B'}"), `${S} Value is not a Reference Path: Reference path didn't start with '$' at /States/A/Choices[0]/Or[0]/Not/Variable, on 'a'`],
    [choice("{'Variable':'$.a','StringMatches':'x*','Next':'B','Assign':{'v.$':'$.a'},'Comment':'c'}"), 'fine'],
    ["'Type':'Choice','Choices':[{'Variable':'$.a','IsNull':true,'Next':'B'}],'Default':'Ghost'", "MISSING_TRANSITION_TARGET: Missing 'Next' target: Ghost at /States/A/Default, on 'Ghost'"],
  ])('%s', (fields, diagnostics) => {
    if (typeof diagnostics === 'string') expect(diagnose(withTwo(fields))).toBe(diagnostics);
    else expect(diagnose(withTwo(fields))).toMatch(diagnostics);
  });
});
