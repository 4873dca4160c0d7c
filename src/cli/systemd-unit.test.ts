import { expect, test } from 'vitest';
import { scripted } from '../../test/cli/scripted-server.js';
import { systemdUnit, UNIT_MARK } from './systemd-unit.js';

const QUESTION = {
  isForUser: false,
  program: ['/usr/bin/node', '/opt/treadle/bin/treadle.mjs'],
  upArguments: [],
  dataFolder: null,
  writableFolders: [],
} as const;

const lineOf = (unit: string, name: string): string | undefined =>
  unit.split('\n').find((line) => line.startsWith(`${name}=`));

test('the machine has one that writes into its own folder only', () => {
  const unit = systemdUnit({ ...QUESTION, writableFolders: ['/srv/back ups'] });
  expect(unit.startsWith(UNIT_MARK)).toBe(true);
  expect(lineOf(unit, 'ExecStart')).toBe('ExecStart=/usr/bin/node /opt/treadle/bin/treadle.mjs up --data %S/treadle');
  expect(lineOf(unit, 'StateDirectory')).toBe('StateDirectory=treadle');
  expect(lineOf(unit, 'ProtectSystem')).toBe('ProtectSystem=strict');
  expect(lineOf(unit, 'ReadWritePaths')).toBe('ReadWritePaths="/srv/back ups"');
  expect(lineOf(unit, 'Restart')).toBe('Restart=on-failure');
  expect(lineOf(unit, 'WantedBy')).toBe('WantedBy=multi-user.target');
});

test('a person has one without what only the machine may do', () => {
  const unit = systemdUnit({ ...QUESTION, isForUser: true, dataFolder: '/home/ada/.local/share/treadle' });
  expect(lineOf(unit, 'ExecStart')).toContain('up --data /home/ada/.local/share/treadle');
  expect(lineOf(unit, 'DynamicUser')).toBeUndefined();
  expect(lineOf(unit, 'StateDirectory')).toBeUndefined();
  expect(lineOf(unit, 'WantedBy')).toBe('WantedBy=default.target');
});

test.each([
  ['/srv/shop/template.yaml', '/srv/shop/template.yaml'],
  ['--port', '--port'],
  ['a b', '"a b"'],
  ['100%', '100%%'],
  ['$HOME', '"$$HOME"'],
  ['a"b\\c', '"a\\"b\\\\c"'],
  ['', '""'],
])('the argument %j is written as %s', (word, written) => {
  const start = lineOf(systemdUnit({ ...QUESTION, upArguments: [word] }), 'ExecStart');
  expect(start?.slice(start.indexOf('%S/treadle '))).toBe(`%S/treadle ${written}`);
});

test('--dry-run only prints', async () => {
  const { code, lines } = await scripted(['install', '--user', '--dry-run', '--', '--port', '4600'], null, {
    environment: { HOME: '/home/ada' },
  });
  expect(code).toBe(0);
  expect(lines[0]).toContain('/home/ada/.config/systemd/user/treadle.service');
  expect(lines.join('\n')).toContain('up --data /home/ada/.local/share/treadle --port 4600');
  expect(lines.join('\n')).not.toContain('Wrote');
});
