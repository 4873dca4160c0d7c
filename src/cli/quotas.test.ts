import { describe, expect, it, test } from 'vitest';
import { AWS_QUOTAS, raisedQuotas } from '../limits.js';
import { quotasOf, withQuota } from './quotas.js';

describe('a quota as a setting', () => {
  it('is raised, the others stay', () => {
    const quotas = quotasOf('payloadBytes=1048576, historyEvents=25000,');
    expect(quotas).toEqual({ ...AWS_QUOTAS, payloadBytesMax: 1_048_576 });
    expect(raisedQuotas(quotas)).toEqual({ payloadBytes: 1_048_576 });
    expect(quotasOf('')).toEqual(AWS_QUOTAS);
  });

  test.each([
    [
      'payloadByte=1048576',
      "Expected the name of a quota, but 'payloadByte' is none. Did you mean 'payloadBytes'? There are payloadBytes, historyEvents, definitionChars, executionSeconds, expressSeconds, variableBytes, variablesBytes.",
    ],
    [
      'toString=5',
      "Expected the name of a quota, but 'toString' is none. There are payloadBytes, historyEvents, definitionChars, executionSeconds, expressSeconds, variableBytes, variablesBytes.",
    ],
    ['payloadBytes', "Expected name=value, but got 'payloadBytes'. Example: payloadBytes=1048576"],
    ['payloadBytes=1=2', "Expected name=value, but got 'payloadBytes=1=2'. Example: payloadBytes=1048576"],
    ['payloadBytes=1MB', "Expected a whole number for payloadBytes, but got '1MB'."],
    ['payloadBytes=3e5', "Expected a whole number for payloadBytes, but got '3e5'."],
    [
      'payloadBytes=262143',
      "Expected at least 262144 for payloadBytes, AWS's own quota, but got 262143: quotas go up only.",
    ],
    ['payloadBytes=67108865', 'Expected at most 67108864 for payloadBytes, but got 67108865.'],
  ])('%s', (setting, message) => {
    expect(() => withQuota(AWS_QUOTAS, setting)).toThrow(message);
  });
});
