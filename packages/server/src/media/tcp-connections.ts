import { readFile } from 'node:fs/promises';

/** One end of a connection that this computer has, by its own port and the other end. */
export interface ConnectionName {
  readonly localPort: number;
  readonly remoteIp: string;
  readonly remotePort: number;
}

/** How what was sent over a connection gets on. */
export interface ConnectionState {
  /** The peer takes nothing, because it does not read: its window is closed, and the system only asks whether it has opened. */
  readonly isClosedWindow: boolean;
  /** The peer has acknowledged nothing since it was sent again. */
  readonly isUnacknowledged: boolean;
}

/** `tr` of Linux's table for a timer that probes a closed window. */
const WINDOW_PROBE = '04';

export const keyOf = ({ localPort, remoteIp, remotePort }: ConnectionName): string =>
  `${localPort} ${canonical(remoteIp)} ${remotePort}`;

/** The states of the connections of some local ports, by {@link keyOf}; none where the system does not say. */
export async function tcpConnections(localPorts: ReadonlySet<number>): Promise<Map<string, ConnectionState>> {
  const tables = ['/proc/self/net/tcp', '/proc/self/net/tcp6'];
  const texts = await Promise.all(tables.map((file) => readFile(file, 'latin1').catch(() => '')));
  return new Map(texts.flatMap((text) => parseConnections(text, localPorts)));
}

/** What a table of Linux says of the connections of some local ports. */
export function parseConnections(text: string, localPorts: ReadonlySet<number>): [string, ConnectionState][] {
  if (localPorts.size === 0) return [];
  const ports = [...localPorts].map((port) => port.toString(16).toUpperCase().padStart(4, '0')).join('|');
  const line = new RegExp(
    `^ *\\d+: [0-9A-F]+:(${ports}) ([0-9A-F]+):([0-9A-F]{4}) [0-9A-F]{2} ([0-9A-F]+):[0-9A-F]+ ([0-9A-F]{2}):[0-9A-F]+ ([0-9A-F]+)`,
    'gm',
  );
  return [...text.matchAll(line)].map(
    ([, local = '', ip = '', remote = '', queued = '', timer, again = '']) => {
      const isWaiting = Number.parseInt(queued, 16) > 0;
      const name = {
        localPort: Number.parseInt(local, 16),
        remoteIp: address(ip),
        remotePort: Number.parseInt(remote, 16),
      };
      return [
        keyOf(name),
        {
          isClosedWindow: isWaiting && timer === WINDOW_PROBE,
          isUnacknowledged: isWaiting && Number.parseInt(again, 16) > 0,
        },
      ];
    },
  );
}

/** An address as the table writes it: words of 32 bits in the byte order of the computer, which is little-endian wherever a worker runs. */
function address(hex: string): string {
  const words = hex.match(/.{8}/g) ?? [];
  const bytes = words.flatMap((word) => (word.match(/../g) ?? []).reverse());
  if (bytes.length === 4) return bytes.map((byte) => Number.parseInt(byte, 16)).join('.');
  const groups = Array.from({ length: 8 }, (_, index) => bytes.slice(2 * index, 2 * index + 2).join(''));
  return groups.join(':');
}

/** One way of writing an address; one of IPv4 in IPv6 is that of IPv4. */
function canonical(ip: string): string {
  if (!ip.includes(':')) return ip;
  const { hostname } = new URL(`http://[${ip}]/`);
  const [, high, low] = /^\[::ffff:([0-9a-f]+):([0-9a-f]+)\]$/.exec(hostname) ?? [];
  if (high === undefined || low === undefined) return hostname;
  return [high, low]
    .flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255])
    .join('.');
}
