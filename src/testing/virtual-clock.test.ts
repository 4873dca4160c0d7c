import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from './virtual-clock.js';

describe('a clock that stands', () => {
  it('fires every timer once, when it is due, in the order of time and then of setting', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat({ max: 20 }), fc.boolean())), (timers) => {
        const clock = new VirtualClock(1000);
        const fired: string[] = [];
        for (const [index, [ms, isOff]] of timers.entries()) {
          const cancel = clock.after(ms, () => fired.push(`${clock.now() - 1000} ${index}`));
          if (isOff) cancel();
        }
        while (clock.advance());
        const expected = timers
          .map(([ms, isOff], index) => ({ ms, isOff, index }))
          .filter(({ isOff }) => !isOff)
          .sort((a, b) => a.ms - b.ms || a.index - b.index);
        expect(fired).toEqual(expected.map(({ ms, index }) => `${ms} ${index}`));
      }),
    );
  });

  it('says when the next timer is due, and lets time pass without it', () => {
    const clock = new VirtualClock(0);
    expect(clock.nextAt).toBeNull();
    clock.after(10, () => undefined);
    clock.goTo(5);
    clock.goTo(3);
    expect([clock.now(), clock.nextAt]).toEqual([5, 10]);
  });
});
