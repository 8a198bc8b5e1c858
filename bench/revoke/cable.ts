import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';

/** Between the server and the members: what leaves the server leaves through its end, and is seen there. */
export const cable = {
  interface: 'wire0',
  server: '10.98.1.1',
  members: '10.98.1.2',
  /** Packets to it leave, and nobody takes them at the other end. */
  nobody: '10.98.1.9',
} as const;

/** Gets the number of the first process of the members' namespace. */
const lay = `
set -e
ip link add ${cable.interface} type veth peer name wire1 netns "$1"
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

async function failed(holder: ChildProcess): Promise<never> {
  await once(holder, 'exit');
  throw new Error('unshare (of util-linux) could not make a network namespace.');
}
