import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HttpBindings } from '@hono/node-server';
import { FakeClock } from '@roomkey/testkit';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { TrustedProxies } from '../client-address.ts';
import { EventLoopShare } from '../event-loop-share.ts';
import { type AppOptions, createApp } from './app.ts';
import { RequestTurns } from './request-turns.ts';

export const demoApplication = {
  sdkAppId: 1_400_000_999,
  secretKey: 'the secret key of the demo application',
};

/** Unix milliseconds at which tickets of these tests are signed. */
export const signedAt = 1_800_000_000_000;

export interface Asked extends RequestInit {
  /** `Host` is `localhost:8080` unless it is given here. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Address of the caller. */
  readonly from?: string;
}

/** The app without a port, with a demo page and an SDK of a few lines. */
export function appUnderTest(given: Partial<AppOptions> = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'roomkey-http-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const [sdkDir, demoDir] = [join(dir, 'sdk'), join(dir, 'demo')];
  mkdirSync(sdkDir);
  mkdirSync(demoDir);
  writeFileSync(join(sdkDir, 'roomkey.js'), 'var TRTC;');
  writeFileSync(join(sdkDir, 'roomkey.js.map'), '{}');
  const large = 'var TRTC;'.repeat(20_000);
  writeFileSync(join(sdkDir, 'roomkey.esm.js'), large);
  writeFileSync(join(sdkDir, 'secret.txt'), 'not to be served');
  writeFileSync(join(demoDir, 'index.html'), '<title>demo</title>');
  writeFileSync(join(demoDir, 'page.css'), 'body{}');
  writeFileSync(join(dir, 'outside.txt'), 'not to be served');
  const clock = new FakeClock(signedAt);
  const lines: string[] = [];
  const app = createApp({
    log: pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) }),
    server: 'roomkey test',
    own: () => ({ secure: false, port: 8080 }),
    ready: { store: () => true, media: () => true },
    metrics: { contentType: 'text/plain; version=0.0.4; charset=utf-8', text: async () => 'roomkey_up 1\n' },
    sdkDir,
    demo: {
      dir: demoDir,
      signer: () => demoApplication,
      now: () => clock.now() / 1000,
      monotonicNow: () => clock.now(),
    },
    turns: new RequestTurns(new EventLoopShare(), new TrustedProxies([])),
    webSocketPaths: ['/rtc'],
    ...given,
  });
  const ask = async (path: string, { from = '127.0.0.1', ...init }: Asked = {}) => {
    const bindings = {
      incoming: { socket: { remoteAddress: from }, headers: {} },
    } as unknown as HttpBindings;
    const headers = { host: 'localhost:8080', ...init.headers };
    return app.request(`http://localhost:8080${path}`, { ...init, headers }, bindings);
  };
  /** The name of the refusal that a request gets. */
  const refusal = async (path: string, init: Asked = {}) => {
    const response = await ask(path, init);
    const body = (await response.json()) as { error?: { name: string; message: string } };
    return { status: response.status, name: body.error?.name, message: body.error?.message };
  };
  return { ask, refusal, clock, lines, dir, large };
}
