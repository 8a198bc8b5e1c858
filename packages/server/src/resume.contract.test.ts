import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NoticeName, NoticeParams, Params, RequestName, Result } from '@roomkey/protocol';
import { TcpRelay } from '@roomkey/testkit/launch';
import { RtpPeer, type Sending, type SentStream, sentParameters } from '@roomkey/testkit/rtp';
import { TicketIssuer } from '@roomkey/tickets';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { openAdmin } from './admin/index.ts';
import { loadConfig } from './config.ts';
import { RoomkeyServer } from './server.ts';

const voice = { packetsPerSecond: 50, bytes: 100 };
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly data: { readonly name: string; readonly removed?: object } };
}

/** One WebSocket, and everything that came over it. */
class Wire {
  readonly socket: WebSocket;
  readonly said: Message[] = [];
  readonly closed: Promise<number>;
  #last = 0;

  private constructor(port: number) {
    this.socket = new WebSocket(`ws://127.0.0.1:${port}/rtc`);
    this.socket.on('message', (data) => this.said.push(JSON.parse(data.toString())));
    this.socket.on('error', () => {});
    this.closed = new Promise((resolve) => this.socket.on('close', resolve));
  }

  static async open(port: number): Promise<Wire> {
    const wire = new Wire(port);
    undo.push(() => wire.socket.terminate());
    await wire.notice('welcome');
    return wire;
  }

  async notice<N extends NoticeName>(method: N): Promise<NoticeParams<N>> {
    const found = await vi.waitFor(
      () => this.said.find((message) => message.method === method) ?? fail(`no ${method}`),
      20_000,
    );
    return found.params as NoticeParams<N>;
  }

  async answer(method: RequestName, params: object): Promise<Message> {
    this.#last += 1;
    const id = this.#last;
    this.socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    return vi.waitFor(
      () => this.said.find((message) => message.id === id) ?? fail(`no answer to ${method}`),
      20_000,
    );
  }

  async ask<N extends RequestName>(method: N, params: Partial<Params<N>>): Promise<Result<N>> {
    const { result, error } = await this.answer(method, params);
    if (error) throw new Error(`${method}: ${error.data.name}`);
    return result as Result<N>;
  }
}

function fail(what: string): never {
  throw new Error(what);
}

/** A member with real media: it sends a microphone and receives one. */
class Caller {
  readonly wire: Wire;
  readonly entered: Result<'enter'>;
  readonly stream: SentStream;
  trackId = '';
  consumerId = '';
  #sending: Sending | undefined;
  #receiver: RtpPeer | undefined;
  #ssrc = 0;

  constructor(wire: Wire, entered: Result<'enter'>, ssrc: number) {
    this.wire = wire;
    this.entered = entered;
    this.stream = { mid: '0', kind: 'audio', ssrc, payloadType: 111 };
  }

  static async enter(port: number, userId: string, ssrc: number): Promise<Caller> {
    const wire = await Wire.open(port);
    const { rtpCapabilities } = await wire.notice('welcome');
    const entered = await wire.ask('enter', { ...ticketsOf(userId), rtpCapabilities });
    return new Caller(wire, entered, ssrc);
  }

  async send(): Promise<void> {
    const offer = await this.wire.ask('openTransport', { direction: 'send' });
    const peer = RtpPeer.sender(offer, [this.stream]);
    undo.push(() => peer.close());
    const { transportId } = offer;
    await this.wire.ask('connectTransport', { transportId, dtlsParameters: peer.dtlsParameters });
    const rtpParameters = sentParameters(this.stream);
    const published = await this.wire.ask('publish', { transportId, slot: 'microphone', rtpParameters });
    this.trackId = published.trackId;
    this.#sending = peer.send(this.stream, voice);
  }

  async receive(): Promise<void> {
    const offer = await this.wire.ask('openTransport', { direction: 'recv' });
    const consumer = await this.wire.notice('consumerOpened');
    const peer = RtpPeer.receiver(offer, [consumer]);
    undo.push(() => peer.close());
    const { transportId } = offer;
    await this.wire.ask('connectTransport', { transportId, dtlsParameters: peer.dtlsParameters });
    await this.wire.ask('consumerReady', { consumerId: consumer.consumerId });
    this.consumerId = consumer.consumerId;
    this.#ssrc = consumer.rtpParameters.encodings[0]?.ssrc ?? 0;
    this.#receiver = peer;
    await vi.waitFor(() => expect(this.received).toBeGreaterThan(20), 20_000);
  }

  get sent(): number {
    return this.#sending?.sent() ?? 0;
  }

  get received(): number {
    return this.#receiver?.received(this.#ssrc) ?? 0;
  }

  resumeParams(secret = this.entered.resume.secret): Params<'resume'> {
    return { sdkAppId, roomId: 1, memberId: this.entered.memberId, secret };
  }
}

let folder: string;
let server: RoomkeyServer;
let port: number;
let sdkAppId: number;
let issuer: TicketIssuer;
const undo: (() => unknown)[] = [];

async function start(env: NodeJS.ProcessEnv = {}): Promise<void> {
  server = await RoomkeyServer.start(
    loadConfig({
      ROOMKEY_DATA_DIR: join(folder, 'data'),
      ROOMKEY_PORT: '0',
      ROOMKEY_MEDIA_PORT: '0',
      ROOMKEY_WORKERS: '1',
      ROOMKEY_DEMO: 'off',
      ROOMKEY_LOG_LEVEL: 'silent',
      ROOMKEY_REQUESTS_PER_SECOND: '1000',
      ROOMKEY_WORKER_BIN: process.env['ROOMKEY_WORKER_BIN'],
      ...env,
    }),
  );
  port = Number(new URL(server.url).port);
  const text = readFileSync(join(folder, 'data', 'first-run.txt'), 'utf8');
  const [, id = '', secretKey = ''] = /SDKAppID\s+(\d+)[\s\S]*secret key\s+(\S+)/.exec(text) ?? [];
  sdkAppId = Number(id);
  issuer = new TicketIssuer({ sdkAppId, secretKey });
}

const ticketsOf = (userId: string) => ({
  sdkAppId,
  userId,
  roomId: 1,
  userSig: issuer.genUserSig(userId, 300),
  privateMapKey: issuer.genPrivateMapKey(userId, 300, 1, 255),
});

const operate = async <T>(job: (admin: Awaited<ReturnType<typeof openAdmin>>) => Promise<T>): Promise<T> => {
  const admin = await openAdmin({ folder: join(folder, 'data') });
  try {
    return await job(admin);
  } finally {
    await admin.close();
  }
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'roomkey-resume-'));
});

afterEach(async () => {
  for (const job of undo.splice(0).reverse()) await job();
  await server.close();
  rmSync(folder, { recursive: true });
});

/** Ana, and bob whose WebSocket goes through a process that can be killed; each hears the other. */
async function call(env: NodeJS.ProcessEnv = {}) {
  await start(env);
  const relay = await TcpRelay.start(port);
  undo.push(() => relay.kill());
  const ana = await Caller.enter(port, 'ana', 1111);
  const bob = await Caller.enter(relay.port, 'bob', 2222);
  await ana.send();
  await bob.send();
  await ana.receive();
  await bob.receive();
  return { ana, bob, relay };
}

/** At least 20 packets arrive at somebody in a second, sooner or later. */
async function expectHearing(listener: Caller): Promise<void> {
  await vi.waitFor(async () => {
    const before = listener.received;
    await pause(1000);
    expect(listener.received - before).toBeGreaterThanOrEqual(20);
  }, 20_000);
}

/** No packet arrives at somebody in a second and longer, until the other has really sent 20. */
async function expectSilence(listener: Caller, speaker: Caller): Promise<void> {
  // What was on its way before may still arrive.
  await pause(1000);
  const before = { heard: listener.received, said: speaker.sent };
  await pause(1000);
  await vi.waitFor(() => expect(speaker.sent - before.said).toBeGreaterThanOrEqual(20), 20_000);
  expect(listener.received).toBe(before.heard);
}

const left = ({ wire }: Caller) => wire.said.filter(({ method }) => method === 'memberLeft');

test('a socket whose process is killed: media flows on both ways, and the seat is taken up as if nothing had been', async () => {
  const { ana, bob, relay } = await call();
  await relay.kill();
  expect(await bob.wire.closed).toBe(1006);
  await Promise.all([expectHearing(bob), expectHearing(ana)]);

  const wire = await Wire.open(port);
  const resumed = await wire.ask('resume', bob.resumeParams());
  expect(resumed).toMatchObject({
    memberId: bob.entered.memberId,
    explanation: { effective: 255 },
    members: [{ userId: 'ana', tracks: [{ trackId: ana.trackId }] }],
    transports: [{ connected: true }, { connected: true }],
    tracks: [{ trackId: bob.trackId, slot: 'microphone', muted: false, lost: false }],
    consumers: [{ consumerId: bob.consumerId, userId: 'ana', slot: 'microphone', ready: true }],
  });
  await wire.ask('confirmResume', { secret: resumed.resume.secret });
  await expectHearing(bob);
  await wire.ask('setMuted', { trackId: bob.trackId, muted: true });
  await expectSilence(ana, bob);
  expect(left(ana)).toEqual([]);
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  expect(metrics).toMatch(/^roomkey_resumes_total 1$/m);
});

test('a bit that is taken while the socket is gone is gone in the media before the resume', async () => {
  const { ana, bob, relay } = await call();
  await relay.kill();
  await operate((admin) =>
    admin.call('member.setDenied', {
      sdkAppId,
      room: { roomId: 1 },
      users: { only: ['bob'] },
      mask: 8,
      value: 8,
    }),
  );
  await Promise.all([expectSilence(bob, ana), expectHearing(ana)]);
  const wire = await Wire.open(port);
  const resumed = await wire.ask('resume', bob.resumeParams());
  expect(resumed).toMatchObject({ explanation: { effective: 255 & ~8 }, consumers: [] });
  await expectSilence(bob, ana);
});

test('who is kicked while the socket is gone is out of the media at once, and is told why when it comes back', async () => {
  const { ana, bob, relay } = await call();
  await relay.kill();
  await operate((admin) => admin.call('member.kick', { sdkAppId, room: { roomId: 1 }, userIds: ['bob'] }));
  await expectSilence(bob, ana);
  // The transports of who is out are closed: bob's own sender ends with them.
  const before = ana.received;
  await pause(1000);
  expect(ana.received).toBe(before);
  const wire = await Wire.open(port);
  const { error } = await wire.answer('resume', bob.resumeParams());
  expect(error?.data).toMatchObject({ name: 'resumeRefused', removed: { reason: 'kicked' } });
  const guess = await wire.answer('resume', bob.resumeParams('1.guess'));
  expect(guess.error?.data).not.toHaveProperty('removed');
});

test('a socket that only seems alive is superseded, and the old one is told to go', async () => {
  const { ana, bob } = await call();
  const wire = await Wire.open(port);
  await wire.ask('resume', bob.resumeParams());
  expect(await bob.wire.closed).toBe(4001);
  await pause(200);
  expect(left(ana)).toEqual([]);
  await expectHearing(bob);
});

test('two sockets that resume at once: one has the seat, and when the other goes on too it dies', async () => {
  const { ana, bob, relay } = await call();
  await relay.kill();
  const wires = [await Wire.open(port), await Wire.open(port)] as const;
  const [one, other] = await Promise.all(wires.map((wire) => wire.ask('resume', bob.resumeParams())));
  expect(await wires[0].closed).toBe(4001);
  await wires[1].ask('confirmResume', { secret: other?.resume.secret ?? '' });
  expect(left(ana)).toEqual([]);
  const third = await Wire.open(port);
  const { error } = await third.answer('resume', bob.resumeParams(one?.resume.secret));
  expect(error?.data).toMatchObject({ name: 'resumeRefused', removed: { reason: 'contested' } });
  expect(await wires[1].closed).toBe(4000);
  const gone = { params: { userId: 'bob', reason: 'removed' } };
  await vi.waitFor(() => expect(left(ana)).toMatchObject([gone]), 20_000);
  await expectSilence(bob, ana);
});

test('a seat that nobody takes up is given up in time', async () => {
  const { ana, bob, relay } = await call({ ROOMKEY_SEAT_SECONDS: '1' });
  await relay.kill();
  await vi.waitFor(() => expect(left(ana)).toMatchObject([{ params: { reason: 'timeout' } }]), 20_000);
  const wire = await Wire.open(port);
  const { error } = await wire.answer('resume', bob.resumeParams());
  expect(error?.data.name).toBe('resumeRefused');
});

test('a seat whose connection its client closes is given up long before its time', async () => {
  const { ana, bob } = await call({ ROOMKEY_SEAT_SECONDS: '300' });
  bob.wire.socket.close();
  await vi.waitFor(() => expect(left(ana)).toMatchObject([{ params: { reason: 'timeout' } }]), 20_000);
});
