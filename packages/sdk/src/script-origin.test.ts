import { expect, test } from 'vitest';
import { signalingUrl } from './script-origin.ts';

test.each([
  ['https://rooms.test', undefined, undefined, 'wss://rooms.test/rtc'],
  ['http://rooms.test:8080/some/page', undefined, undefined, 'ws://rooms.test:8080/rtc'],
  ['wss://rooms.test', 'https://script.test/x.js', 'https://page.test', 'wss://rooms.test/rtc'],
  [undefined, 'https://script.test/sdk/roomkey.js', 'https://page.test', 'wss://script.test/rtc'],
  [undefined, undefined, 'http://localhost:8080', 'ws://localhost:8080/rtc'],
  [undefined, 'file:///tmp/roomkey.js', 'http://localhost:8080', 'ws://localhost:8080/rtc'],
])('url %s, script %s, page %s: %s', (url, script, page, signaling) => {
  expect(signalingUrl(url, script, page)).toBe(signaling);
});

test.each([['rooms.test'], ['ftp://rooms.test'], ['file:///rooms']])('%s is no server', (url) => {
  expect(() => signalingUrl(url)).toThrow(expect.objectContaining({ code: 5000, functionName: 'create' }));
});
