import { describe, expect, it } from 'vitest';
import { diagnose, map, quote, withState } from './test-bed.js';

const S = 'SCHEMA_VALIDATION_FAILED:';

describe('Parallel and Map', () => {
  const branch = "{'StartAt':'P','States':{'P':{'Type':'Pass','End':true}}}";
  // biome-ignore format: one line a case
  it.each([
    ["'Type':'Parallel','End':true", `${S} These fields are required: [Branches] at /States/A, on {`],
    ["'Type':'Parallel','End':true,'Branches':[]", `${S} Value cannot be empty at /States/A/Branches, on [`],
    ["'Type':'Parallel','End':true,'Branches':[{}]", `${S} These fields are required: [States, StartAt] at /States/A/Branches[0], on {`],
    [`'Type':'Parallel','End':true,'Branches':[${branch},${branch}]`, 'DUPLICATE_STATE_NAME: Duplicate State name: P at /States/A/Branches[1]/States/P, on {'],
    ["'Type':'Parallel','End':true,'Branches':[{'StartAt':'P','States':{'P':{'Type':'Pass','Next':'A'}}}]", "MISSING_TRANSITION_TARGET: Missing 'Next' target: A at /States/A/Branches[0]/States/P/Next, on 'A'"],
    ["'Type':'Parallel','End':true,'Branches':[{'StartAt':'P','QueryLanguage':'JSONata','States':{'P':{'Type':'Pass','End':true}}}]", `${S} Field 'QueryLanguage' is not supported at /States/A/Branches[0], on 'QueryLanguage'`],
    ["'Type':'Map','End':true", `${S} This object should have only one of the following fields: [ItemProcessor, Iterator] at /States/A, on {`],
    [map(`'Iterator':${branch}`), `${S} There should only be one of the following fields: [ItemProcessor, Iterator] at /States/A, on 'Iterator'`],
    [`'Type':'Map','End':true,'Iterator':${branch},'Parameters':{'a':1}`, 'fine'],
    [map("'ItemSelector':{},'Parameters':{}"), `${S} There should only be one of the following fields: [ItemSelector, Parameters] at /States/A, on 'Parameters'`],
    [map("'MaxConcurrency':-1"), `${S} Minimum value is 0 at /States/A/MaxConcurrency, on -1`],
    [map("'MaxConcurrency':9223372036854775807"), 'fine'],
    [map("'MaxConcurrency':1,'MaxConcurrencyPath':'$.m'"), `${S} There should only be one of the following fields: [MaxConcurrency, MaxConcurrencyPath] at /States/A, on 'MaxConcurrencyPath'`],
    [map("'MaxConcurrencyPath':'$.m[*]'"), `${S} Value is not a Reference Path: Illegal use of '*' at /States/A/MaxConcurrencyPath, on '$.m[*]'`],
    [map("'ToleratedFailurePercentage':101"), `${S} Maximum value is 100 at /States/A/ToleratedFailurePercentage, on 101`],
    [map("'ToleratedFailurePercentage':'1'"), `${S} Expected value of type Integer at /States/A/ToleratedFailurePercentage, on '1'`],
    [map("'Label':'a b'"), `INVALID_LABEL_NAME: Invalid Label name: a b at /States/A/Label, on 'a b'`],
    [map("'TimeoutSeconds':5"), `${S} Field 'TimeoutSeconds' is not supported at /States/A, on 'TimeoutSeconds'`],
    ["'Type':'Map','End':true,'ItemProcessor':{'ProcessorConfig':{'Mode':'INLINE','ExecutionType':'STANDARD'},'StartAt':'P','States':{'P':{'Type':'Succeed'}}}", `${S} Field 'ExecutionType' is not supported at /States/A/ItemProcessor/ProcessorConfig, on 'ExecutionType'`],
    ["'Type':'Map','End':true,'ItemProcessor':{'ProcessorConfig':{'Mode':'DISTRIBUTED'},'StartAt':'P','States':{'P':{'Type':'Succeed'}}}", `${S} These fields are required: [ExecutionType] at /States/A/ItemProcessor/ProcessorConfig, on {`],
  ])('%s', (fields, diagnostics) => {
    expect(diagnose(withState(fields))).toBe(diagnostics);
  });

  it('a distributed Map in an Express machine', () => {
    const fields =
      "'Type':'Map','End':true,'ItemProcessor':{'ProcessorConfig':{'Mode':'DISTRIBUTED','ExecutionType':'EXPRESS'},'StartAt':'P','States':{'P':{'Type':'Succeed'}}}";
    expect(diagnose(withState(fields), 'EXPRESS')).toBe(
      `${S} The field 'Mode' with value 'DISTRIBUTED' is not supported inside 'EXPRESS' state machines at /States/A/ItemProcessor/ProcessorConfig/Mode, on 'DISTRIBUTED'`,
    );
  });

  it('labels are unique in the machine', () => {
    const inner = `{${map("'Label':'L'")}}`.replaceAll("'I'", "'J'");
    const fields = `'Type':'Map','End':true,'Label':'L','ItemProcessor':{'StartAt':'M','States':{'M':${inner}}}`;
    expect(diagnose(withState(fields))).toContain(
      'DUPLICATE_LABEL_NAME: Duplicate Label name: L at /States/A/ItemProcessor/States/M/Label',
    );
  });

  it('nesting has a bound', () => {
    let block = "{'StartAt':'P0','States':{'P0':{'Type':'Succeed'}}}";
    for (let depth = 1; depth <= 70; depth++) {
      block = `{'StartAt':'P${depth}','States':{'P${depth}':{'Type':'Parallel','End':true,'Branches':[${block}]}}}`;
    }
    expect(diagnose(quote(block))).toMatch(/^TOO_DEEPLY_NESTED: The states are nested more than 64 levels deep/);
  });
});
