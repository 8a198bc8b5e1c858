import type { IncomingMessage } from 'node:http';
import { BlockList, isIP, isIPv4 } from 'node:net';

/** Proxies whose `X-Forwarded-For` is believed. */
export class TrustedProxies {
  readonly #list = new BlockList();

  /** Addresses, and networks like `10.0.0.0/8`. @throws {RangeError} for what is neither */
  constructor(entries: readonly string[]) {
    for (const entry of entries) {
      const [address = '', bits] = entry.split('/');
      const whole = isIPv4(address) ? 32 : 128;
      if (!isIP(address) || (bits !== undefined && !(/^\d{1,3}$/.test(bits) && Number(bits) <= whole)))
        throw new RangeError(`${entry} is no address and no network`);
      this.#list.addSubnet(address, Number(bits ?? whole), isIPv4(address) ? 'ipv4' : 'ipv6');
    }
  }

  has(address: string): boolean {
    const plain = plainAddress(address);
    return plain !== undefined && this.#list.check(plain, isIPv4(plain) ? 'ipv4' : 'ipv6');
  }

  /**
   * The address of the client, as far as it can be believed: the last one that a trusted proxy names and that is no
   * trusted proxy itself; else the address of the connection.
   */
  clientOf(request: IncomingMessage): string {
    let client = plainAddress(request.socket.remoteAddress ?? '') ?? '';
    const named = [request.headers['x-forwarded-for'] ?? []].flat().join(',').split(',');
    while (this.has(client)) {
      const before = plainAddress(withoutPort(named.pop() ?? ''));
      if (before === undefined) break;
      client = before;
    }
    return client;
  }
}

/** What an address counts as where connections are counted: IPv6 by its /64, because one subscriber has at least that much. */
export function addressGroup(address: string): string {
  const plain = plainAddress(address);
  if (plain === undefined || isIPv4(plain)) return plain ?? '';
  const [head = '', tail] = plain.split('::');
  const groups = head === '' ? [] : head.split(':');
  if (tail !== undefined) {
    // An IPv4 address at the end stands for two groups; it is never among the first four.
    const last = tail === '' ? 0 : tail.split(':').length + (tail.includes('.') ? 1 : 0);
    while (groups.length + last < 8) groups.push('0');
  }
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group || '0', 16).toString(16))
    .join(':');
}

/** Without zone and without the IPv6 form of an IPv4 address; undefined for what is no address. */
function plainAddress(address: string): string | undefined {
  const plain = address
    .trim()
    .replace(/%.*$/, '')
    .replace(/^::ffff:(?=\d+\.)/i, '');
  return isIP(plain) ? plain : undefined;
}

/** Some proxies add the port: `192.0.2.1:4711`, `[2001:db8::1]:4711`. */
const withoutPort = (text: string): string =>
  text
    .trim()
    .replace(/^\[(.*)\](:\d+)?$/, '$1')
    .replace(/^([\d.]+):\d+$/, '$1');
