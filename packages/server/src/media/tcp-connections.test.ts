import { expect, test } from 'vitest';
import { keyOf, parseConnections } from './tcp-connections.ts';

const head =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';
const rest = '    0        0 1 1 0000000000000000 20 4 30 10 -1';
const row = (local: string, remote: string, state: string) => `   1: ${local} ${remote} 01 ${state} ${rest}`;
const media = new Set([40_000]);

test.each([
  ['takes everything', '00000000:00000000 00:00000000 00000000', [false, false]],
  ['has not acknowledged all yet', '00012C00:00000000 01:00000014 00000000', [false, false]],
  ['does not read', '00279A10:00000000 04:00000123 00000000', [true, false]],
  ['acknowledges nothing', '00279A10:00000000 01:00000123 00000005', [false, true]],
] as const)('the system says of a peer that it %s', (_what, state, expected) => {
  const text = [head, row('0100007F:9C40', '0200007F:C001', state)].join('\n');
  const [[key, found] = []] = parseConnections(text, media);
  expect(key).toBe(keyOf({ localPort: 40_000, remoteIp: '127.0.0.2', remotePort: 49_153 }));
  expect([found?.isClosedWindow, found?.isUnacknowledged]).toEqual(expected);
});

test('other ports are left out', () => {
  const state = '00000000:00000000 00:00000000 00000000';
  const text = [head, row('0100007F:9C41', '0100007F:9C40', state)].join('\n');
  expect(parseConnections(text, media)).toEqual([]);
  expect(parseConnections(text, new Set())).toEqual([]);
});

test.each([
  ['B80D0120000000000000000001000000', '2001:db8::1'],
  ['B80D0120000000000000000001000000', '2001:0DB8:0:0:0:0:0:1'],
  ['0000000000000000FFFF00000200007F', '::ffff:127.0.0.2'],
  ['0000000000000000FFFF00000200007F', '127.0.0.2'],
])('the address %s is %s', (hex, remoteIp) => {
  const local = '00000000000000000000000000000000:9C40';
  const text = [head, row(local, `${hex}:C001`, '00000000:00000000 00:00000000 00000000')].join('\n');
  const [[key] = []] = parseConnections(text, media);
  expect(key).toBe(keyOf({ localPort: 40_000, remoteIp, remotePort: 49_153 }));
});
