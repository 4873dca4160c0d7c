import { expect, it } from 'vitest';
import { parseDefinition } from '../language/index.js';
import { SENDS_AGAIN_MAX } from '../limits.js';
import { Payload } from '../payload/index.js';
import { Transcript } from '../testing/transcript.js';

function waiting(resource = 'arn:aws:states:::sqs:sendMessage.waitForTaskToken'): Transcript {
  const Parameters = { QueueUrl: 'q', 'MessageBody.$': '$$.Task.Token' };
  const states = { Ask: { Type: 'Task', Resource: resource, Parameters, End: true } };
  const { definition } = parseDefinition(JSON.stringify({ StartAt: 'Ask', States: states }), { type: 'STANDARD' });
  if (definition === null) throw new Error('Expected the definition to be valid');
  return new Transcript(definition).start();
}

/** What comes after the call was accepted. */
function submitted(): Transcript {
  const transcript = waiting();
  transcript.give({ type: 'TaskSubmitted', task: 3, output: Payload.ofText('"sent"') });
  transcript.lines.splice(0);
  return transcript;
}

it('makes the call once more, one at a time, and the first answer counts', () => {
  const transcript = submitted();
  transcript.give({ type: 'SendTaskAgain', task: 3 }).give({ type: 'SendTaskAgain', task: 3 });
  transcript.give({ type: 'TaskSentAgain', task: 3 }).give({ type: 'TaskSentAgain', task: 3 });
  transcript.give({ type: 'SendTaskAgain', task: 3 }).succeed(3, '"yes"').give({ type: 'TaskSentAgain', task: 3 });
  expect(transcript.text).toMatchInlineSnapshot(`
    "- TaskSendAgainScheduled @0 < SendTaskAgain #3 > InvokeTask #3 again, 1
      nothing < SendTaskAgain #3
    - TaskSentAgain @0 < TaskSentAgain #3 > ReleaseTask #3
      nothing < TaskSentAgain #3
    - TaskSendAgainScheduled @0 < SendTaskAgain #3 > InvokeTask #3 again, 2
    6<-5 TaskSucceeded sqs sendMessage.waitForTaskToken "yes" @0 < TaskSucceeded #3
    7<-6 TaskStateExited Ask "yes" @0
    8<-7 ExecutionSucceeded "yes" @0 > ReleaseTask #3
      nothing < TaskSentAgain #3"
  `);
});

it('goes on waiting when the service refuses the call, and says why', () => {
  const transcript = submitted();
  transcript.give({ type: 'SendTaskAgain', task: 3 });
  transcript.give({ type: 'TaskSentAgain', task: 3, error: 'SQS.QueueDoesNotExist', cause: 'gone' });
  expect(transcript.execution.frames.get(1)?.awaits).toMatchObject({
    sends: 1,
    sendFault: 'SQS.QueueDoesNotExist: gone',
  });
  transcript.give({ type: 'SendTaskAgain', task: 3 }).give({ type: 'TaskSentAgain', task: 3 });
  expect(transcript.execution.frames.get(1)?.awaits).toMatchObject({ sends: 2, sendFault: null });
});

it('does nothing while the call is under way, after the wait, for other tasks, and more often than the bound', () => {
  const early = waiting();
  expect(early.give({ type: 'SendTaskAgain', task: 3 }).lines.at(-1)).toContain('nothing');
  const plain = waiting('arn:aws:states:::sqs:sendMessage.waitForTaskToken').succeed(3, '1');
  expect(plain.give({ type: 'SendTaskAgain', task: 3 }).lines.at(-1)).toContain('nothing');
  const often = submitted();
  for (let count = 0; count < SENDS_AGAIN_MAX; count++) {
    often.give({ type: 'SendTaskAgain', task: 3 }).give({ type: 'TaskSentAgain', task: 3 });
  }
  expect(often.give({ type: 'SendTaskAgain', task: 3 }).lines.at(-1)).toContain('nothing');
});
