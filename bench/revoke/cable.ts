import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';

/**
 * Between the server and the members: what leaves the server leaves through its end, and is seen there. That end is an interface
 * without a queue on top of the one that can be made slow: a packet is seen when its process sends it, and may wait behind that.
 */
export const cable = {
  interface: 'wire0',
  below: 'link0',
  server: '10.98.1.1',
  members: '10.98.1.2',
  /** Packets to it leave, and nobody takes them at the other end. */
  nobody: '10.98.1.9',
} as const;

/** Gets the number of the first process of the members' namespace. */
const lay = `
set -e
ip link add ${cable.below} type veth peer name wire1 netns "$1"
ip link set ${cable.below} up
ip link add link ${cable.below} name ${cable.interface} type macvlan mode bridge
ip addr add ${cable.server}/24 dev ${cable.interface}
ip link set ${cable.interface} up
ip neigh add ${cable.nobody} lladdr 02:00:00:00:00:09 dev ${cable.interface}
nsenter --net="/proc/$1/ns/net" sh -c "
  ip link set lo up
  ip addr add ${cable.members}/24 dev wire1
  ip link set wire1 up"`;

/**
 * Makes a second network namespace for the members and lays the cable to it; resolves with the namespace as `nsenter` takes it. It
 * ends with this process.
 */
export async function layCable(): Promise<string> {
  const holder = spawn('unshare', ['--net', 'sh', '-c', 'echo; exec sleep infinity'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await Promise.race([once(holder.stdout, 'data'), failed(holder)]);
  // It does not keep this process going.
  holder.stdout.destroy();
  holder.unref();
  const pid = String(holder.pid);
  const { status } = spawnSync('sh', ['-c', lay, 'sh', pid], { stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error('This needs ip (of iproute2) and nsenter (of util-linux).');
  return `/proc/${pid}/ns/net`;
}

/**
 * Makes the cable slow, in megabits per second. Nothing is lost at it: what does not fit waits, and counts as not sent for the socket
 * that it came from.
 */
export function slowCable(megabits: number): void {
  tc('add', 'tbf', 'rate', `${megabits}mbit`, 'burst', '16kb', 'limit', '100mb');
}

/** Makes it as fast as it was. */
export function freeCable(): void {
  tc('del');
}

function tc(action: string, ...discipline: string[]): void {
  const { status } = spawnSync('tc', ['qdisc', action, 'dev', cable.below, 'root', ...discipline], {
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) throw new Error('This needs tc (of iproute2), and a kernel with tbf.');
}

async function failed(holder: ChildProcess): Promise<never> {
  await once(holder, 'exit');
  throw new Error('unshare (of util-linux) could not make a network namespace.');
}
