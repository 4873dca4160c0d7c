import { describe, expect, it } from 'vitest';
import { parseDefinition } from '../language/index.js';
import { Payload } from '../payload/index.js';
import { Transcript } from '../testing/transcript.js';
import { awaitedMapRun, itemSelection, type RunItem, readPlan, STANDARD_POLICY } from './index.js';

const PROCESSOR = {
  ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
  StartAt: 'I',
  States: { I: { Type: 'Pass', End: true } },
};
const READER = {
  Resource: 'arn:aws:states:::s3:getObject',
  Parameters: { 'Bucket.$': '$.b', Key: 'k' },
  ReaderConfig: { InputType: 'JSON', MaxItemsPath: '$.n' },
};

const map = (fields: object): object => ({ Type: 'Map', Label: 'L', ItemProcessor: PROCESSOR, End: true, ...fields });

function machine(fields: object, rest: object = {}, extra: object = {}): Transcript {
  const text = JSON.stringify({ StartAt: 'M', States: { M: map(fields), ...rest }, ...extra });
  const { definition, diagnostics } = parseDefinition(text, { type: 'STANDARD' });
  if (definition === null) throw new Error(JSON.stringify(diagnostics));
  return new Transcript(definition);
}

const succeed = (mapRun: number, result: string) =>
  ({ type: 'MapRunSucceeded', mapRun, result: Payload.ofText(result) }) as const;
const fail = (mapRun: number, error: string) => ({ type: 'MapRunFailed', mapRun, error, cause: 'why' }) as const;

const runsOf = ({ records }: Transcript) =>
  records.flatMap((record) =>
    record.type === 'MapRunStarted' ? [{ seq: record.seq, arn: record.details.mapRunArn }] : [],
  );

describe('a distributed Map', () => {
  it('starts a run, and goes on with its result', () => {
    const transcript = machine({ ResultPath: '$.r' }, {});
    transcript.start('{"a":1}').give(succeed(4, '[7]')).give(succeed(4, '[8]')).give(fail(4, 'Late'));
    expect(transcript.text).toMatchInlineSnapshot(`
      "1<-0 ExecutionStarted {"a":1} @0 < StartExecution
      2<-0 MapStateEntered M {"a":1} @0
      3<-2 MapStateStarted 1 @0
      4<-3 MapRunStarted arn:aws:states:us-east-1:000000000000:mapRun:machine/L:00002d00-0000-4000-805a-168001684380 @0 > StartMapRun #4
      5<-4 MapRunSucceeded @0 < MapRunSucceeded #4
      6<-5 MapStateSucceeded @0
      7<-5 MapStateExited M {"a":1,"r":[7]} @0
      8<-7 ExecutionSucceeded {"a":1,"r":[7]} @0 > ReleaseMapRun #4
        nothing < MapRunSucceeded #4
        nothing < MapRunFailed #4"
    `);
  });

  it('points its exit at the run’s success', () => {
    const transcript = machine({ ItemsPath: '$.i', Next: 'N', End: undefined }, { N: { Type: 'Pass', End: true } });
    transcript.start('{"i":[1,2]}').give(succeed(4, '[1,2]'));
    expect(transcript.text).toMatchInlineSnapshot(`
      "1<-0 ExecutionStarted {"i":[1,2]} @0 < StartExecution
      2<-0 MapStateEntered M {"i":[1,2]} @0
      3<-2 MapStateStarted 2 @0
      4<-3 MapRunStarted arn:aws:states:us-east-1:000000000000:mapRun:machine/L:00002d00-0000-4000-805a-168001684380 @0 > StartMapRun #4
      5<-4 MapRunSucceeded @0 < MapRunSucceeded #4
      6<-5 MapStateSucceeded @0
      7<-5 MapStateExited M [1,2] @0
      8<-7 PassStateEntered N [1,2] @0
      9<-8 PassStateExited N [1,2] @0
      10<-9 ExecutionSucceeded [1,2] @0 > ReleaseMapRun #4"
    `);
  });

  it('does not know its length with an ItemReader', () => {
    const transcript = machine({ ItemReader: READER });
    transcript.start('{"b":"bucket","n":5}');
    expect(transcript.records.map(({ type, details }) => [type, details]).slice(2)).toEqual([
      ['MapStateStarted', { length: 0 }],
      [
        'MapRunStarted',
        { mapRunArn: expect.stringMatching(/^arn:aws:states:us-east-1:000000000000:mapRun:machine\/L:/) },
      ],
    ]);
    expect(planOf(transcript)).toMatchObject({
      stateName: 'M',
      label: 'L',
      executionType: 'STANDARD',
      reader: {
        resource: READER.Resource,
        parameters: { Bucket: 'bucket', Key: 'k' },
        readerConfig: { InputType: 'JSON', MaxItems: 5 },
      },
    });
  });

  it('retries with a new run, then fails', () => {
    const retry = [{ ErrorEquals: ['States.ItemReaderFailed'], IntervalSeconds: 1, MaxAttempts: 1 }];
    const transcript = machine({ Retry: retry });
    transcript.start('[]').give(fail(4, 'States.ItemReaderFailed')).wait(1000);
    transcript.give(fail(4, 'States.ItemReaderFailed')).give(fail(8, 'States.ItemReaderFailed'));
    expect(transcript.text).toMatchInlineSnapshot(`
      "1<-0 ExecutionStarted [] @0 < StartExecution
      2<-0 MapStateEntered M [] @0
      3<-2 MapStateStarted 0 @0
      4<-3 MapRunStarted arn:aws:states:us-east-1:000000000000:mapRun:machine/L:00002d00-0000-4000-805a-168001684380 @0 > StartMapRun #4
      5<-4 MapRunFailed States.ItemReaderFailed why @0 < MapRunFailed #4
      - RetryScheduled attempt 1 @0 > ReleaseMapRun #4, StartTimer #6 due @1000
      6<-5 MapStateStarted 0 @1000 < TimerFired #6
      7<-6 MapRunStarted arn:aws:states:us-east-1:000000000000:mapRun:machine/L:00002d00-0000-4000-805a-9d8002d07080 @1000 > StopTimer #6, StartMapRun #8
        nothing < MapRunFailed #4
      8<-7 MapRunFailed States.ItemReaderFailed why @1000 < MapRunFailed #8
      9<-8 MapStateFailed @1000
      10<-9 ExecutionFailed States.ItemReaderFailed why @1000 > ReleaseMapRun #8"
    `);
    const arns = transcript.records.flatMap((record) =>
      record.type === 'MapRunStarted' ? [record.details.mapRunArn] : [],
    );
    expect(new Set(arns).size).toBe(2);
  });

  it('catches what the run fails with', () => {
    const transcript = machine({ Catch: [{ ErrorEquals: ['E'], Next: 'N' }] }, { N: { Type: 'Pass', End: true } });
    transcript.start('[]').give(fail(4, 'E'));
    expect(transcript.text).toMatchInlineSnapshot(`
      "1<-0 ExecutionStarted [] @0 < StartExecution
      2<-0 MapStateEntered M [] @0
      3<-2 MapStateStarted 0 @0
      4<-3 MapRunStarted arn:aws:states:us-east-1:000000000000:mapRun:machine/L:00002d00-0000-4000-805a-168001684380 @0 > StartMapRun #4
      5<-4 MapRunFailed E why @0 < MapRunFailed #4
      6<-5 MapStateFailed @0
      7<-6 MapStateExited M {"Error":"E","Cause":"why"} @0
      8<-7 PassStateEntered N {"Error":"E","Cause":"why"} @0
      9<-8 PassStateExited N {"Error":"E","Cause":"why"} @0
      10<-9 ExecutionSucceeded {"Error":"E","Cause":"why"} @0 > ReleaseMapRun #4"
    `);
  });

  it('fails by its own output, which is no failure of the Map', () => {
    const transcript = machine({ Output: '{% $nope %}' }, {}, { QueryLanguage: 'JSONata' });
    transcript.start('[1]').give(succeed(4, '[1]'));
    expect(transcript.records.map(({ type }) => type).slice(4)).toEqual([
      'MapRunSucceeded',
      'MapStateSucceeded',
      'EvaluationFailed',
      'ExecutionFailed',
    ]);
  });

  it('goes on with the same run when the execution is redriven', () => {
    const transcript = machine({}).start('[]').give(fail(4, 'E')).give({ type: 'RedriveExecution' });
    expect(transcript.records.slice(4).map(({ type }) => type)).toEqual([
      ...['MapRunFailed', 'MapStateFailed', 'ExecutionFailed', 'ExecutionRedriven'],
      'MapRunRedriven',
    ]);
    const { seq } = transcript.records.at(-1) ?? { seq: 0 };
    transcript.give(succeed(4, '[1]')).give(succeed(seq, '[2]'));
    expect(transcript.execution.output?.text).toBe('[2]');
  });

  it.each([
    ['was stopped', (run: Transcript) => run.stop()],
    ['failed after a Retry', (run: Transcript) => run.give(fail(4, 'E')).wait(1000)],
  ])('goes on with its last run when it %s', (_, end) => {
    const Retry = [{ ErrorEquals: ['E'], IntervalSeconds: 1, MaxAttempts: 1 }];
    const transcript = machine({ Retry });
    end(transcript.start('[1]'));
    const last = runsOf(transcript).at(-1);
    if (transcript.execution.status === 'RUNNING') transcript.give(fail(last?.seq ?? 0, 'E'));
    transcript.give({ type: 'RedriveExecution' }).give(fail(last?.seq ?? 0, 'Late'));
    const redriven = transcript.records.at(-1);
    expect(redriven).toMatchObject({ type: 'MapRunRedriven', details: { mapRunArn: last?.arn, redriveCount: 1 } });
    const order = awaitedMapRun(transcript.execution, redriven?.seq ?? 0);
    expect(order?.awaits).toMatchObject({ items: { text: '[1]' }, redriveCount: 1, redrivenAt: redriven?.at });
    transcript.stop().give({ type: 'RedriveExecution' });
    expect(transcript.records.at(-1)).toMatchObject({ type: 'MapRunRedriven', details: { redriveCount: 2 } });
  });

  it.each(['States.DataLimitExceeded', 'States.Runtime'])('begins a new run after %s', (error) => {
    const transcript = machine({}).start('[1]').give(fail(4, error)).give({ type: 'RedriveExecution' });
    expect(transcript.records.slice(-3).map(({ type }) => type)).toEqual([
      ...['ExecutionRedriven', 'MapStateStarted', 'MapRunStarted'],
    ]);
    expect(new Set(runsOf(transcript).map(({ arn }) => arn)).size).toBe(2);
  });

  it('begins a run that had never begun, and is redriven a thousand times at most', () => {
    const none = machine({ ItemsPath: '$.no' }).start('{}').give({ type: 'RedriveExecution' });
    expect(none.records.slice(-2).map(({ type }) => type)).toEqual(['ExecutionRedriven', 'ExecutionFailed']);
    const transcript = machine({}).start('[1]').stop();
    for (let i = 0; i < 1000; i++) transcript.give({ type: 'RedriveExecution' }).stop();
    expect(transcript.execution.status).toBe('ABORTED');
    transcript.give({ type: 'RedriveExecution' });
    expect(transcript.records.at(-1)).toMatchObject({ type: 'ExecutionFailed', details: { error: 'States.Runtime' } });
  });

  it.each(['stop', 'time out'])('gives its run up when the execution ends by a %s', (how) => {
    const transcript = machine({}, {}, { TimeoutSeconds: 5 });
    transcript.start('[]');
    if (how === 'stop') transcript.stop('E');
    else transcript.wait(5000);
    transcript.give(succeed(4, '[1]'));
    expect(transcript.lines.at(-2)).toBe(
      how === 'stop'
        ? '5<-0 ExecutionAborted E @0 < StopExecution > StopMapRun #4, StopTimer #1'
        : '5<-0 ExecutionTimedOut @5000 < TimerFired #1 > StopMapRun #4, StopTimer #1',
    );
    expect(transcript.lines.at(-1)).toBe('  nothing < MapRunSucceeded #4');
  });

  it('gives its run up when a sibling fails', () => {
    const branches = [
      { StartAt: 'D', States: { D: map({}) } },
      { StartAt: 'W', States: { W: { Type: 'Wait', Seconds: 1, Next: 'F' }, F: { Type: 'Fail', Error: 'E' } } },
    ];
    const text = JSON.stringify({ StartAt: 'P', States: { P: { Type: 'Parallel', Branches: branches, End: true } } });
    const { definition } = parseDefinition(text, { type: 'STANDARD' });
    if (definition === null) throw new Error('Expected this to be right');
    const transcript = new Transcript(definition).start('[]').wait(1000);
    expect(transcript.lines.slice(-7).join('\n')).toMatchInlineSnapshot(`
      "- TimerStarted @0 > StartMapRun #8, StartTimer #10 due @1000
      8<-7 WaitStateExited W [] @1000 < TimerFired #10
      9<-8 FailStateEntered F [] @1000
      10<-9 MapRunAborted @1000
      11<-9 MapStateAborted @1000
      12<-9 ParallelStateFailed @1000
      13<-12 ExecutionFailed E @1000 > StopTimer #10, StopMapRun #8"
    `);
  });
});

describe('what is evaluated before a run starts', () => {
  const jsonata = { QueryLanguage: 'JSONata' };
  // biome-ignore format: one line a case
  it.each([
    [{ MaxConcurrencyPath: '$.x' }, {}, '{"x":{}}', 'MapStateEntered', 'The MaxConcurrencyPath field refers to value "{}" which is not a valid integer: $.x'],
    [{ ItemsPath: '$.x' }, {}, '{"x":1}', 'MapStateEntered', 'Reference path "$.x" must point to array.'],
    [{ ToleratedFailureCountPath: '$.x' }, {}, '{"x":"a"}', 'MapStateStarted', 'The ToleratedFailureCountPath field refers to value "a" which is not a valid integer: $.x'],
    [{ ToleratedFailureCountPath: '$.x' }, {}, '{"x":-1}', 'MapStateStarted', 'ToleratedFailureCount cannot be negative.'],
    [{ ToleratedFailurePercentagePath: '$.x' }, {}, '{"x":true}', 'MapStateStarted', 'The ToleratedFailurePercentagePath field refers to value "true" which is not a valid float: $.x'],
    [{ ToleratedFailurePercentagePath: '$.x' }, {}, '{"x":100.5}', 'MapStateStarted', 'ToleratedFailurePercentage must be between 0 and 100.'],
    [{ ToleratedFailurePercentagePath: '$.x' }, {}, '{"x":"-1"}', 'MapStateStarted', 'ToleratedFailurePercentage must be between 0 and 100.'],
    [{ ItemReader: READER }, {}, '{"b":"b","n":"1.5"}', 'MapStateStarted', 'The MaxItemsPath field refers to value "1.5" which is not a valid integer: $.n'],
    [{ ItemReader: READER }, {}, '{"n":1}', 'MapStateStarted', "The JSONPath '$.b' specified for the field 'Bucket.$' could not be found in the input '{\"n\":1}'"],
    [{ ItemBatcher: { MaxItemsPerBatchPath: '$.x' } }, {}, '{"x":0}', 'MapStateStarted', 'MaxItemsPerBatch must be a positive integer.'],
    [{ ItemBatcher: { MaxInputBytesPerBatchPath: '$.x' } }, {}, '{"x":[]}', 'MapStateStarted', 'The MaxInputBytesPerBatchPath field refers to value "[]" which is not a valid integer: $.x'],
  ])('%j %j of %s fails after %s', (fields, extra, input, after, cause) => {
    const transcript = machine(fields, {}, extra).start(input);
    const [last, before] = transcript.records.toReversed();
    expect([before?.type, last?.type]).toEqual([after, 'ExecutionFailed']);
    expect(last?.details).toEqual({
      error: 'States.Runtime',
      cause: `An error occurred while executing the state 'M' (entered at the event id #2). ${cause}`,
    });
  });

  // biome-ignore format: one line a case
  it.each([
    [{ Items: '{% 5 %}' }, [], 'Map state input must be an array but was: 5'],
    [{ ToleratedFailureCount: '{% -1 %}' }, ['MapStateStarted'], 'ToleratedFailureCount cannot be negative.'],
    [{ ToleratedFailurePercentage: '{% 101 %}' }, ['MapStateStarted'], 'ToleratedFailurePercentage must be between 0 and 100.'],
    [{ ItemBatcher: { MaxItemsPerBatch: '{% 1.5 %}' } }, ['MapStateStarted'], 'The MaxItemsPerBatch field cannot be parsed as a non-negative integer: 1.5'],
    [{ ItemBatcher: { MaxItemsPerBatch: "{% 'a' %}" } }, ['MapStateStarted'], "The JSONata expression ''a'' specified for the field 'ItemBatcher/MaxItemsPerBatch' returned an unexpected result type. Expected 'number', but was 'string' for value: \"a\""],
  ])('%j of JSONata shows the evaluation and the Map’s failure', (fields, before, cause) => {
    const transcript = machine(fields, {}, jsonata).start('[1]');
    expect(transcript.records.map(({ type }) => type)).toEqual([
      ...['ExecutionStarted', 'MapStateEntered', ...before],
      ...['EvaluationFailed', 'MapStateFailed', 'ExecutionFailed'],
    ]);
    expect(transcript.records.at(-1)?.details).toMatchObject({ cause: expect.stringContaining(cause) });
  });

  it('takes numbers, their texts, and objects as items', () => {
    const fields = {
      ...{
        ToleratedFailureCountPath: '$.c',
        ToleratedFailurePercentagePath: '$.p',
        MaxConcurrency: 3,
        ItemsPath: '$.o',
      },
      ItemBatcher: { MaxItemsPerBatch: 2, BatchInput: { 'x.$': '$.c' } },
      ResultWriter: {
        Resource: 'arn:aws:states:::s3:putObject',
        Parameters: { 'Bucket.$': '$.b' },
        WriterConfig: { Transformation: 'COMPACT', OutputType: 'JSONL' },
      },
    };
    const transcript = machine(fields).start('{"c":"4","p":12.5,"b":"out","o":{"k":1,"l":[2]}}');
    expect(transcript.records.at(-2)?.details).toEqual({ length: 2 });
    expect(planOf(transcript)).toEqual({
      ...{ stateName: 'M', label: 'L', executionType: 'STANDARD', maxConcurrency: 3 },
      ...{ toleratedFailureCount: 4, toleratedFailurePercentage: 12.5, reader: null },
      batcher: { maxItemsPerBatch: 2, maxInputBytesPerBatch: 0, batchInput: '{"x":"4"}' },
      writer: { parameters: { Bucket: 'out' }, writerConfig: { Transformation: 'COMPACT', OutputType: 'JSONL' } },
    });
  });
});

describe('ItemSelector', () => {
  const item: RunItem = {
    index: 3,
    text: '{"Key":"k","Value":{"v":1}}',
    key: 'k',
    value: '{"v":1}',
    source: 'S3://b/k',
  };
  const select = (transcript: Transcript, definitionText: object, one: RunItem): string | undefined => {
    const { definition } = parseDefinition(JSON.stringify(definitionText), { type: 'STANDARD' });
    if (definition === null) throw new Error('Expected this to be right');
    const given = { at: 0, seed: [1, 2, 3, 4] as const, policy: STANDARD_POLICY };
    return itemSelection(definition, transcript.execution, 4, given)?.(one).text;
  };
  const withSelector = (ItemSelector: object | undefined, extra: object = {}) => {
    const fields = { ...(ItemSelector && { ItemSelector }) };
    const text = { StartAt: 'M', States: { M: map(fields) }, ...extra };
    return { transcript: machine(fields, {}, extra).start('[0,{"a":9}]'), text };
  };

  it('is evaluated for each item, in both languages', () => {
    const path = withSelector({ 'i.$': '$$.Map.Item', 'a.$': '$[1].a', 'n.$': '$$.Execution.Name' });
    expect(select(path.transcript, path.text, item)).toBe(
      '{"i":{"Index":3,"Key":"k","Value":{"v":1},"Source":"S3://b/k"},"a":9,"n":"e1"}',
    );
    const jsonata = withSelector(
      { v: '{% $states.context.Map.Item.Value.v %}', a: '{% $states.input[1].a %}' },
      { QueryLanguage: 'JSONata' },
    );
    expect(select(jsonata.transcript, jsonata.text, item)).toBe('{"v":1,"a":9}');
  });

  it('leaves the item as it is where there is none', () => {
    const { transcript, text } = withSelector(undefined);
    expect(select(transcript, text, item)).toBe(item.text);
    expect(select(transcript, text, { index: 0, text: ' 1.50 ', source: 'STATE_DATA' })).toBe(' 1.50 ');
  });

  it('fails with its place', () => {
    const { transcript, text } = withSelector({ 'x.$': '$$.Map.Item.Nope' });
    expect(() => select(transcript, text, item)).toThrow(
      /^States.Runtime: An error occurred while executing the state 'M' \(entered at the event id #2\)\. The JSONPath/,
    );
  });

  it('is nothing for a run that is not awaited', () => {
    const { transcript, text } = withSelector(undefined);
    transcript.give(succeed(4, '[]'));
    expect(select(transcript, text, item)).toBeUndefined();
  });
});

function planOf(transcript: Transcript) {
  const awaited = awaitedMapRun(transcript.execution, 4);
  if (awaited === null) throw new Error('Expected a run to be awaited');
  return readPlan(awaited.awaits.plan);
}
