import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';

/** What holds a namespace open: it ends when its standard input does, so also when the process that opened it dies. */
const holder = 'echo; exec cat >/dev/null';

const root = process.getuid?.() === 0;

/** `iptables` and `tc` are where the `PATH` of a user who is not root does not lead; the lock of the former is nobody else's. */
const env = {
  ...process.env,
  PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`,
  XTABLES_LOCKFILE: '/dev/null',
};

/** A network namespace. It needs Linux, `unshare` and `nsenter`; a user who is not root needs user namespaces too. */
export class Namespace {
  /** What a program is started with, to run in it. */
  readonly command: readonly string[];
  readonly #holder: ChildProcess;

  private constructor(process: ChildProcess) {
    const { pid } = process;
    const net = `--net=/proc/${pid}/ns/net`;
    const user = root ? [] : [`--user=/proc/${pid}/ns/user`, '--preserve-credentials'];
    this.command = ['nsenter', ...user, net];
    this.#holder = process;
  }

  /** Opens a namespace; one that is to be joined by a cable with another is opened inside of that. */
  static async open(beside?: Namespace): Promise<Namespace> {
    const user = beside || root ? [] : ['--map-root-user'];
    const [program = '', ...args] = [...(beside?.command ?? []), 'unshare', ...user, '--net'];
    const process = spawn(program, [...args, 'sh', '-c', holder], { stdio: ['pipe', 'pipe', 'inherit'] });
    const failed = async () => {
      await once(process, 'exit');
      throw new Error('unshare (of util-linux) could not make a network namespace.');
    };
    const { stdout } = process;
    await Promise.race([once(stdout, 'data'), failed()]);
    // It does not keep this process going.
    process.unref();
    stdout.destroy();
    const namespace = new Namespace(process);
    // Nobody here has an address of IPv6; without it no candidate of that kind is tried.
    namespace.run('sh', '-c', 'echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6 || true; ip link set lo up');
    return namespace;
  }

  /** Its name for `ip link … netns`. */
  get pid(): number {
    return this.#holder.pid ?? 0;
  }

  /** Runs a program in it to its end. @throws when the program fails, with what it said */
  run(...program: readonly string[]): void {
    const [command = '', ...args] = [...this.command, ...program];
    const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8', env });
    if (status !== 0)
      throw new Error(`\`${program.join(' ')}\` failed: ${stderr?.trim() || error?.message || status}`);
  }

  /** Programs that still run in it keep it. */
  close(): void {
    this.#holder.kill('SIGKILL');
  }
}
