import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ServerProcess } from '@roomkey/testkit/launch';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { signEntry } from './app-server.ts';
import { WireClient } from './client.ts';
import type { Entry } from './messages.ts';
import type { Received } from './receiving.ts';
import { WireError } from './wire.ts';

const all = 255;
const withoutRecvVideo = all - 32;
const withoutSendAudio = all - 4;

let server: ServerProcess;
let url: string;
let rooms = 0;
let room: { readonly strRoomId: string };
const clients: WireClient[] = [];

beforeAll(async () => {
  server = await ServerProcess.start();
  url = `${server.url.replace('http', 'ws')}/rtc`;
});

afterAll(() => server.dispose());

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.leave()));
});

const ticketsOf = (userId: string, permissions: number): Entry =>
  signEntry({ ...server.application, userId, room, permissions });

async function enter(userId: string, permissions: number = all): Promise<WireClient> {
  const client = await WireClient.enter(url, ticketsOf(userId, permissions));
  clients.push(client);
  return client;
}

async function enterAndPublish(userId: string, permissions?: number): Promise<WireClient> {
  const client = await enter(userId, permissions);
  await client.publishSilence();
  await client.publishPicture();
  return client;
}

const slotsOf = ({ receiving }: WireClient) => receiving.consumers.map(({ slot }) => slot).sort();

/** Waits until at least twenty packets of the negotiated SSRC come within a second. */
async function expectFlowing({ receiving }: WireClient, { ssrc }: Received): Promise<void> {
  const packetsInOneSecond = async () => {
    const before = receiving.packets(ssrc);
    await sleep(1000);
    return receiving.packets(ssrc) - before;
  };
  await expect.poll(packetsInOneSecond).toBeGreaterThanOrEqual(20);
}

async function refusalOf(attempt: Promise<unknown>): Promise<string> {
  const error = await attempt.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof WireError) return error.refusal;
  throw error ?? new Error('nothing was refused');
}

beforeEach(() => {
  room = { strRoomId: `room-${++rooms}` };
});

test('two clients exchange audio and video both ways', async () => {
  const [ana, bob] = [await enterAndPublish('ana'), await enterAndPublish('bob')];
  for (const client of [ana, bob]) {
    await expect.poll(() => slotsOf(client)).toEqual(['camera', 'microphone']);
    await Promise.all(client.receiving.consumers.map((received) => expectFlowing(client, received)));
  }
});

test('a member without recvVideo gets the audio and not a packet of the video', async () => {
  const sender = await enterAndPublish('ana');
  const watcher = await enter('bob', withoutRecvVideo);
  await expect.poll(() => slotsOf(watcher)).toEqual(['microphone']);
  const [audio] = watcher.receiving.consumers;
  if (!audio) throw new Error('no audio is received');
  const sentBefore = sender.sending.packets('camera')?.packets ?? 0;
  await expectFlowing(watcher, audio);
  const sent = () => (sender.sending.packets('camera')?.packets ?? 0) - sentBefore;
  await expect.poll(sent).toBeGreaterThanOrEqual(20);
  expect(slotsOf(watcher)).toEqual(['microphone']);
  expect(watcher.receiving.ssrcs).toEqual([audio.ssrc]);
});

test('a member without sendAudio is refused with sendAudioDenied, and may send video', async () => {
  const sender = await enter('ana', withoutSendAudio);
  const watcher = await enter('bob');
  expect(await refusalOf(sender.publishSilence())).toBe('sendAudioDenied');
  await sender.publishPicture();
  await expect.poll(() => slotsOf(watcher)).toEqual(['camera']);
});

test('a key for another room is refused by its cause', async () => {
  const entry = { ...ticketsOf('ana', all), strRoomId: 'another-room' };
  expect(await refusalOf(WireClient.enter(url, entry))).toBe('privateMapKeyWrongRoom');
});

test('a track that ends is no longer received, and the others go on', async () => {
  const [ana, bob] = [await enterAndPublish('ana'), await enterAndPublish('bob')];
  const watcher = await enter('eve');
  await expect.poll(() => watcher.receiving.consumers.length).toBe(4);
  await ana.leave();
  clients.splice(clients.indexOf(ana), 1);
  await expect.poll(() => watcher.receiving.consumers.map(({ userId }) => userId)).toEqual(['bob', 'bob']);
  for (const received of watcher.receiving.consumers) await expectFlowing(watcher, received);
  expect(slotsOf(bob)).toEqual([]);
});

const run = (args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
  promisify(execFile)(
    process.execPath,
    ['--conditions=source', '--import', 'tsx', fileURLToPath(new URL('main.ts', import.meta.url)), ...args],
    { env: { ...process.env, ...env } },
  );

test('on the command line it prints what it receives, and leaves', async () => {
  await enterAndPublish('ana');
  const { sdkAppId, secretKey } = server.application;
  const options = { url, 'sdk-app-id': sdkAppId, room: room.strRoomId, user: 'bob', seconds: 8 };
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const { stdout } = await run(args, { ROOMKEY_SECRET_KEY: secretKey });
  expect(stdout).toMatch(/ana microphone SSRC \d+: [1-9]\d* packets/);
  expect(stdout).toMatch(/ana camera SSRC \d+: [1-9]\d* packets/);
});

test('on the command line it says what it needs', async () => {
  expect((await run(['--help'])).stdout).toContain('--sdk-app-id');
  for (const [args, words] of [
    [[], 'Give --sdk-app-id'],
    [['--colour', 'red'], "Unknown option '--colour'"],
  ] as const)
    await expect(run(args)).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining(words) });
});
