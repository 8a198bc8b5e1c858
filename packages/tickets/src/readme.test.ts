import { readFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { presets, TicketIssuer, verifyPrivateMapKey, verifyUserSig } from './index.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const [, example = ''] = /```js\n([\s\S]*?)```/.exec(readme) ?? [];

let server: Server;
let url: string;

/** Runs the example as it stands; only what it imports, and the environment, are given to it. */
beforeAll(async () => {
  const body = example.replace(/^import .*\n/gm, '');
  const start = new Function('createServer', 'presets', 'TicketIssuer', 'process', body);
  const started = (listener: RequestListener) => {
    server = createServer(listener);
    return server;
  };
  start(started, presets, TicketIssuer, {
    env: { SDK_APP_ID: '1400000001', SECRET_KEY: 'a secret', PORT: '0' },
  });
  await new Promise((resolve) => server.once('listening', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});

afterAll(() => void server.close());

test('the app server of the README has eleven lines', () => {
  expect(example.trim().split('\n')).toHaveLength(11);
});

test('it gives a user who is signed in tickets that verify', async () => {
  const response = await fetch(url, { headers: { cookie: 'session=1' } });
  const { userId, userSig, privateMapKey } = (await response.json()) as Record<string, string>;
  const options = { sdkAppId: 1_400_000_001, secretKeys: 'a secret', userId: 'alice' };
  expect(userId).toBe('alice');
  expect(verifyUserSig(userSig ?? '', options).userId).toBe('alice');
  const claims = verifyPrivateMapKey(privateMapKey ?? '', { ...options, roomId: 1001 });
  expect(claims.permissions).toBe(presets.anchor);
});

test('it gives what the page in the README of the SDK takes from it', async () => {
  const page = readFileSync(new URL('../../sdk/README.md', import.meta.url), 'utf8');
  const [, taken = ''] = /const \{ (.*) \} = await \(await fetch/.exec(page) ?? [];
  const response = await fetch(url, { method: 'POST', headers: { cookie: 'session=1' } });
  expect(Object.keys((await response.json()) as object)).toEqual(taken.split(', '));
});

test('it gives others none', async () => {
  const response = await fetch(url);
  expect({ status: response.status, body: await response.text() }).toEqual({ status: 401, body: '' });
});
