import { spawn } from 'node:child_process';

/** The one address in the namespace that both servers offer to their clients; Janus does not offer 127.0.0.1. */
export const address = '10.98.0.1';

/** An address beyond the namespace's one cable: packets to it leave, and nobody takes them at the other end. */
export const nowhere = '10.98.0.9';

const mark = 'BENCH_NAMESPACE';

const prepare = `
set -e
ip link set lo up
if [ -w /proc/sys/net/ipv6/conf/all/disable_ipv6 ]; then echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6; fi
ip link add bench0 type veth peer name bench1
ip addr add ${address}/24 dev bench0
ip link set bench0 up
ip link set bench1 up
ip neigh add ${nowhere} lladdr 02:00:00:00:00:09 dev bench0
exec "$@"`;

/** Whether this process runs in a network namespace of the bench's own already. */
export const isInNamespace = (): boolean => process.env[mark] === '1';

/** Runs this very program again in a private network namespace, out of which no packet can go; resolves with its exit code. */
export async function runInNamespace(): Promise<number> {
  const own = process.getuid?.() === 0 ? [] : ['--map-root-user'];
  const again = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const child = spawn('unshare', [...own, '--net', 'sh', '-c', prepare, 'sh', ...again], {
    stdio: 'inherit',
    env: { ...process.env, [mark]: '1' },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.once('error', (cause) =>
      reject(new Error('This needs unshare (of util-linux) and ip (of iproute2).', { cause })),
    );
    child.once('exit', (code) => resolve(code ?? 1));
  });
}
