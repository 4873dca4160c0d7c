/** What `treadle install` writes begins with this line, so that nothing else is ever overwritten or removed. */
export const UNIT_MARK =
  '# Written by treadle install; treadle uninstall removes it. Own changes: systemctl edit treadle';

export interface UnitQuestion {
  /** For one person's own service manager; else for the machine's. */
  readonly isForUser: boolean;
  /** Absolute paths of Node.js and of the `treadle` script. */
  readonly program: readonly [node: string, script: string];
  /** Further arguments of `treadle up`. */
  readonly upArguments: readonly string[];
  /** Absolute path; null = the service manager's own place for state (`/var/lib/treadle`). */
  readonly dataFolder: string | null;
  /** Folders outside of the data folder that the server writes into. */
  readonly writableFolders: readonly string[];
}

/** A systemd unit: restarts after a crash, logs to the journal, and may write into its data folder only. */
export function systemdUnit(question: UnitQuestion): string {
  const { isForUser, program, upArguments, dataFolder, writableFolders } = question;
  const data = dataFolder ?? '%S/treadle';
  const command = [...program.map(quoted), 'up', '--data', dataFolder === null ? data : quoted(data)];
  const start = [...command, ...upArguments.map(quoted)].join(' ');
  const lines = [
    UNIT_MARK,
    '[Unit]',
    'Description=Treadle, durable business processes',
    'After=network.target',
    'StartLimitIntervalSec=60',
    'StartLimitBurst=5',
    '',
    '[Service]',
    'Type=exec',
    `ExecStart=${start}`,
    // Wrong arguments do not get better by being tried again.
    'Restart=on-failure',
    'RestartSec=2',
    'RestartPreventExitStatus=2',
    'KillMode=mixed',
    'TimeoutStopSec=60',
    'LimitNOFILE=65536',
    'UMask=0077',
    `EnvironmentFile=-${isForUser ? '%E/treadle/environment' : '/etc/treadle/environment'}`,
    ...(dataFolder === null ? ['StateDirectory=treadle', 'StateDirectoryMode=0700', `WorkingDirectory=${data}`] : []),
    ...(isForUser ? USER_HARDENING : [...SYSTEM_HARDENING, ...writable(dataFolder, writableFolders)]),
    '',
    '[Install]',
    `WantedBy=${isForUser ? 'default.target' : 'multi-user.target'}`,
  ];
  return `${lines.join('\n')}\n`;
}

const USER_HARDENING = ['NoNewPrivileges=yes', 'LockPersonality=yes', 'RestrictRealtime=yes', 'RestrictSUIDSGID=yes'];

/** JavaScript engines write code that they run, so MemoryDenyWriteExecute stays out. */
const SYSTEM_HARDENING = [
  'DynamicUser=yes',
  ...USER_HARDENING,
  'CapabilityBoundingSet=',
  'PrivateDevices=yes',
  'PrivateTmp=yes',
  'ProtectClock=yes',
  'ProtectControlGroups=yes',
  'ProtectHome=read-only',
  'ProtectHostname=yes',
  'ProtectKernelLogs=yes',
  'ProtectKernelModules=yes',
  'ProtectKernelTunables=yes',
  'ProtectSystem=strict',
  'RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK',
  'RestrictNamespaces=yes',
  'SystemCallArchitectures=native',
];

function writable(dataFolder: string | null, others: readonly string[]): readonly string[] {
  const folders = [...(dataFolder === null ? [] : [dataFolder]), ...others];
  return folders.map((folder) => `ReadWritePaths=${quoted(folder)}`);
}

/** One word of a unit's command line: systemd takes `%`, `$`, quotes and backslashes for its own. */
function quoted(word: string): string {
  const escaped = word.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%').replaceAll('$', '$$$$');
  return /^[\w@+=:,./%-]+$/.test(escaped) ? escaped : `"${escaped}"`;
}
