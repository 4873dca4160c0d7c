import { type ChildProcess, spawn } from 'node:child_process';

/**
 * Kills the process groups of functions when the server dies without a word (SIGKILL, power button of a container):
 * a shell that reads `+ group` and `- group` lines and, when its pipe ends, kills the groups that are left. A function
 * that loops for ever cannot notice by itself that the server is gone.
 */
export class Warden {
  #shell: ChildProcess | null = null;

  add(group: number): void {
    this.#write(`+ ${group}\n`);
  }

  remove(group: number): void {
    this.#write(`- ${group}\n`);
  }

  close(): void {
    this.#shell?.stdin?.end();
    this.#shell = null;
  }

  #write(line: string): void {
    this.#shell ??= this.#start();
    this.#shell.stdin?.write(line);
  }

  #start(): ChildProcess {
    // A session of its own: Ctrl-C in the server's terminal must not reach it before the server is done.
    const shell = spawn('/bin/sh', ['-c', SCRIPT], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
      env: {},
      cwd: '/',
    });
    const forget = (): void => {
      if (this.#shell === shell) this.#shell = null;
    };
    shell.on('error', forget);
    shell.on('exit', forget);
    shell.stdin?.on('error', forget);
    shell.unref();
    return shell;
  }
}

const SCRIPT = `
trap '' HUP INT TERM
groups=' '
while read -r sign group; do
  case "$sign" in
    +) groups="$groups$group " ;;
    -) case "$groups" in *" $group "*) groups="\${groups%% $group *} \${groups#* $group }" ;; esac ;;
  esac
done
for group in $groups; do kill -s KILL -- "-$group" 2>/dev/null; done
`;
