import type { IncomingMessage } from 'node:http';
import { describe, expect, test } from 'vitest';
import { addressGroup, TrustedProxies } from './client-address.ts';

const request = (remoteAddress: string, forwardedFor?: string) =>
  ({ socket: { remoteAddress }, headers: { 'x-forwarded-for': forwardedFor } }) as unknown as IncomingMessage;

describe('the address of a client', () => {
  const proxies = new TrustedProxies(['127.0.0.0/8', '::1', '10.1.0.0/16']);
  test.each([
    ['of a direct connection is its own', '192.0.2.1', undefined, '192.0.2.1'],
    ['is not what somebody says who is no trusted proxy', '192.0.2.1', '198.51.100.7', '192.0.2.1'],
    ['is what a trusted proxy says', '127.0.0.1', '198.51.100.7', '198.51.100.7'],
    [
      'is the last one named: the others are what the client said itself',
      '::1',
      '1.1.1.1, 8.8.8.8',
      '8.8.8.8',
    ],
    ['is before a second trusted proxy', '127.0.0.1', '1.1.1.1, 8.8.8.8, 10.1.2.3', '8.8.8.8'],
    ['is that of a proxy that names nobody', '127.0.0.1', undefined, '127.0.0.1'],
    ['is that of a proxy that names nonsense', '127.0.0.1', 'unknown', '127.0.0.1'],
    ['may come with a port', '127.0.0.1', '198.51.100.7:4711', '198.51.100.7'],
    ['may be IPv6 with a port', '127.0.0.1', '[2001:db8::7]:4711', '2001:db8::7'],
    ['is the same over an IPv6 socket', '::ffff:127.0.0.1', '198.51.100.7', '198.51.100.7'],
  ])('%s', (_, remote, forwardedFor, client) => {
    expect(proxies.clientOf(request(remote, forwardedFor))).toBe(client);
  });

  test('nobody is trusted where nobody is named', () => {
    expect(new TrustedProxies([]).clientOf(request('127.0.0.1', '1.1.1.1'))).toBe('127.0.0.1');
  });

  test.each(['', 'proxy.example', '10.0.0.0/33', '::1/129', '10.0.0.0/x'])('%j is no proxy', (entry) => {
    expect(() => new TrustedProxies([entry])).toThrow(RangeError);
  });
});

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8:1:2::9', '2001:db8:1:2'],
  ['2001:DB8:0001:0002::', '2001:db8:1:2'],
  ['2001:db8::1', '2001:db8:0:0'],
  ['::1', '0:0:0:0'],
  ['fe80::1%eth0', 'fe80:0:0:0'],
  ['64:ff9b::192.0.2.1', '64:ff9b:0:0'],
  ['', ''],
])('%s counts as %s', (address, group) => {
  expect(addressGroup(address)).toBe(group);
});
