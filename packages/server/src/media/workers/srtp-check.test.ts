import { expect, test } from 'vitest';
import { checkAddress, withoutSrtp } from './srtp-check.ts';

test('a worker that cannot make an SRTP session is known by its complaint, and by no other', () => {
  const where = 'RTC::WebRtcTransport::OnDtlsTransportConnected()';
  const complaint = `[pid:4711] ${where} | error creating SRTP sending session: srtp_create() failed: alloc_fail`;
  expect(withoutSrtp(complaint)).toBe(4711);
  expect(withoutSrtp(`[pid:4711] ${where} | OpenSSL error`)).toBeUndefined();
  expect(withoutSrtp('error creating SRTP sending session')).toBeUndefined();
});

test.each([
  ['0.0.0.0', 40_000, '127.0.0.1'],
  ['::', 0, '::1'],
  ['192.0.2.1', 10_000, '192.0.2.1'],
])('the check on %s with port %i does not take the port of a worker', (listenIp, portBase, ip) => {
  const { portRange, ip: chosen } = checkAddress(listenIp, portBase);
  expect(chosen).toBe(ip);
  expect(portBase + 256 < portRange.min || portBase > portRange.max).toBe(true);
});
