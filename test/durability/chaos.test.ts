import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const CHAOS = fileURLToPath(new URL('../../scripts/chaos.mjs', import.meta.url));

/** What `npm run chaos` prints, as numbers by name, and how it ended. */
async function chaos(
  ...args: readonly string[]
): Promise<{ code: number | null; log: string; figures: Map<string, number> }> {
  const child = spawn(process.execPath, [CHAOS, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const [out, complaints, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  const figures = [...out.matchAll(/^ {2}(\w+) +(\d+)$/gm)].map(
    ([, name, number]) => [name ?? '', Number(number)] as const,
  );
  return { code, log: `${out}${complaints}`, figures: new Map(figures) };
}

/** `npm run chaos -- --kills 1000` and `--power-losses 200` for a longer look. */
test('15 SIGKILLs and 5 losses of power lose nothing that was acknowledged', async () => {
  const { code, log, figures } = await chaos('--kills', '15', '--power-losses', '5');
  expect([code, figures.get('problems')], log).toEqual([0, 0]);
  expect([figures.get('kills'), figures.get('powerLosses')]).toEqual([15, 5]);
  for (const name of ['executions', 'events', 'tasks', 'resumed', 'callsMadeAgain']) {
    expect(figures.get(name), `${name}\n${log}`).toBeGreaterThan(0);
  }
}, 300_000);

test('a flood of starts is finished or refused, in bounded memory', async () => {
  const { code, log, figures } = await chaos(
    ...['--flood', '1500', '--payload-bytes', '40000', '--connections', '300', '--function-ms', '5'],
  );
  expect(code, log).toBe(0);
  expect(figures.get('lost'), log).toBe(0);
  expect(figures.get('finished'), log).toBeGreaterThan(100);
  // 60 MB of inputs come in, several times as much as may be in memory of them at any moment is never there.
  expect(figures.get('residentMbMax'), log).toBeLessThan(1000);
}, 300_000);
