import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ServerProcess } from '@roomkey/testkit/launch';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { signEntry } from '../wire-client/app-server.ts';
import type { WireClient } from '../wire-client/client.ts';
import { WireError } from '../wire-client/wire.ts';
import {
  guestBits,
  joinBroadcast,
  quitBroadcast,
  startBroadcast,
  viewerBits,
  watchBroadcast,
} from './joint-broadcast.ts';

let server: ServerProcess;
let url: string;

beforeAll(async () => {
  server = await ServerProcess.start();
  url = `${server.url.replace('http', 'ws')}/rtc`;
});

afterAll(() => server.dispose());

const entryOf = (userId: string, permissions: number) =>
  signEntry({ ...server.application, userId, room: { strRoomId: 'stage' }, permissions });

const keyOf = (userId: string, permissions: number) => entryOf(userId, permissions).privateMapKey ?? '';

/** Waits until exactly these slots are received, each with at least twenty packets within a second. */
async function receives({ receiving }: WireClient, slots: readonly string[]): Promise<void> {
  const received = () => receiving.consumers.map(({ slot }) => slot).sort();
  await expect.poll(received).toEqual(slots);
  await expect
    .poll(async () => {
      const before = receiving.consumers.map(({ ssrc }) => receiving.packets(ssrc));
      await sleep(1000);
      return receiving.consumers.every(
        ({ ssrc }, index) => receiving.packets(ssrc) - (before[index] ?? 0) >= 20,
      );
    })
    .toBe(true);
}

const refusalOf = (attempt: Promise<void>) =>
  attempt.then(
    () => undefined,
    (error: unknown) => (error instanceof WireError ? error.refusal : error),
  );

test('a viewer joins the broadcast and quits it, and sends in between alone', async () => {
  const broadcaster = await startBroadcast(url, entryOf('broadcaster', 255));
  const entered: unknown[] = [];
  broadcaster.wire.on('memberEntered', ({ member }) => void entered.push(member.userId));
  const viewer = await watchBroadcast(url, entryOf('viewer', viewerBits));
  try {
    expect(viewer.effective).toBe(170);
    await receives(viewer, ['camera', 'microphone']);
    expect(entered).toEqual([]);
    expect(await refusalOf(viewer.publishSilence())).toBe('sendAudioDenied');
    expect(await refusalOf(viewer.changeAuthority(guestBits, keyOf('viewer', viewerBits)))).toBe(
      'authBitsBeyondHeld',
    );

    await joinBroadcast(viewer, keyOf('viewer', guestBits));
    expect(viewer.effective).toBe(254);
    await receives(broadcaster, ['camera', 'microphone']);
    expect(entered).toEqual(['viewer']);

    await quitBroadcast(viewer, keyOf('viewer', viewerBits));
    expect(viewer.effective).toBe(170);
    await receives(broadcaster, []);
    expect(await refusalOf(viewer.publishPicture())).toBe('sendVideoDenied');
    await receives(viewer, ['camera', 'microphone']);
  } finally {
    await Promise.all([viewer.leave(), broadcaster.leave()]);
  }
});

const run = (args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
  promisify(execFile)(
    process.execPath,
    ['--conditions=source', '--import', 'tsx', fileURLToPath(new URL('main.ts', import.meta.url)), ...args],
    { env: { ...process.env, ...env } },
  );

test('on the command line it tells who receives what', async () => {
  const { sdkAppId, secretKey } = server.application;
  const args = ['--url', url, '--sdk-app-id', String(sdkAppId)];
  const { stdout } = await run(args, { ROOMKEY_SECRET_KEY: secretKey });
  expect(stdout).toMatch(/joined the broadcast \(bits 254\)\n.*\n +the broadcaster receives .*microphone/);
  expect(stdout).toMatch(/quit the broadcast \(bits 170\)\n.*\n +the broadcaster receives nothing/);
});

test('on the command line it says what it needs', async () => {
  expect((await run(['--help'])).stdout).toContain('--sdk-app-id');
  for (const [args, words] of [
    [[], 'Give --sdk-app-id'],
    [['--colour', 'red'], "Unknown option '--colour'"],
  ] as const)
    await expect(run(args)).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining(words) });
});
