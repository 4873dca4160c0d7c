import { describe, expect, it } from 'vitest';
import { loadMachine } from '../index.js';
import { askForToken, CHECKED, ORDER, one } from './test-machines.js';

describe('an execution that the test goes along with', () => {
  it('waits for the test to answer, by token or by path', async () => {
    const machine = await askForToken();
    const byToken = await machine.start();
    await byToken.waitFor('Do');
    const token = byToken.calls[0]?.token ?? '';
    expect(JSON.stringify(byToken.calls[0]?.parameters)).toContain(`token=${token}&a=1`);
    await byToken.advance({ days: 3 });
    expect(byToken.waiting).toEqual([{ for: 'task', state: 'Do', until: null }]);
    await byToken.sendTaskSuccess(token, { approved: true });
    const execution = await byToken.result();
    expect([execution.output, execution.durationMs]).toEqual([{ approved: true }, 259_200_000]);
    expect(execution.history.map(({ type }) => type)).toEqual([
      'ExecutionStarted',
      'TaskStateEntered',
      'TaskScheduled',
      'TaskStarted',
      'TaskSubmitted',
      'TaskSucceeded',
      'TaskStateExited',
      'ExecutionSucceeded',
    ]);
    const byPath = await machine.start();
    await byPath.sendTaskFailure('Do', { error: 'Refused', cause: { by: 'Ada' } });
    expect(byPath.status).toBe('FAILED');
    expect((await byPath.result()).cause).toBe('{"by":"Ada"}');
  });

  it('answers iterations one by one', async () => {
    const machine = await loadMachine({
      definition: {
        StartAt: 'Each',
        States: {
          Each: {
            Type: 'Map',
            ItemProcessor: {
              StartAt: 'Ask',
              States: {
                Ask: { Type: 'Task', Resource: 'arn:aws:states:us-east-1:000000000000:activity:ask', End: true },
              },
            },
            End: true,
          },
        },
      },
    });
    const handle = await machine.start({ input: ['a', 'b'] });
    await expect(handle.sendTaskSuccess('Ask')).rejects.toThrow(
      "Expected one task to wait in 'Ask', but there are 2: 'Each[0]/Ask', 'Each[1]/Ask'. Name one of them.",
    );
    await handle.sendTaskSuccess('Each[1]/Ask', 2);
    await handle.waitFor('Each[0]/Ask');
    await handle.sendTaskSuccess('Ask', 1);
    expect((await handle.result()).output).toEqual([1, 2]);
    await expect(handle.sendTaskSuccess('Ask')).rejects.toThrow(
      'Expected a running execution, but it is SUCCEEDED. (seed 1)',
    );
  });

  it('puts heartbeats off', async () => {
    const handle = await (await askForToken({ HeartbeatSeconds: 30 })).start();
    await handle.advance({ seconds: 29 });
    await handle.sendTaskHeartbeat('Do');
    await handle.advance({ seconds: 29 });
    expect(handle.status).toBe('RUNNING');
    await handle.advance({ seconds: 1 });
    expect(handle.status).toBe('FAILED');
    expect((await handle.result()).durationMs).toBe(59_000);
  });

  it('stops', async () => {
    const handle = await (await one({ Type: 'Wait', Seconds: 60 })).start();
    expect(handle.waiting).toEqual([{ for: 'time', state: 'Do', until: new Date('2026-01-01T00:01:00Z') }]);
    await handle.stop({ error: 'Enough' });
    expect(await handle.result()).toMatchObject({ status: 'ABORTED', error: 'Enough', durationMs: 0 });
  });

  it('says what came instead of the state waited for', async () => {
    const handle = await (await loadMachine({ definition: ORDER })).start({
      mocks: { Check: CHECKED, Reserve: { result: 1 } },
    });
    await expect(handle.waitFor('Sorry')).rejects.toThrow(
      /Expected the execution to come to 'Sorry', but it is SUCCEEDED: .*visited {2}Check → Each Item/s,
    );
  });
});
