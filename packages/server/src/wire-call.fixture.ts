import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NoticeName, NoticeParams, Params, RequestName, Result } from '@roomkey/protocol';
import { TcpRelay } from '@roomkey/testkit/launch';
import { RtpPeer, type Sending, type SentStream, sentParameters } from '@roomkey/testkit/rtp';
import { TicketIssuer } from '@roomkey/tickets';
import { expect, vi } from 'vitest';
import { WebSocket } from 'ws';
import { openAdmin } from './admin/index.ts';
import { loadConfig } from './config.ts';
import { RoomkeyServer } from './server.ts';

/** What is undone at the end, the last first. */
type Undo = (() => unknown)[];

const voice = { packetsPerSecond: 50, bytes: 100 };
export const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly data: { readonly name: string; readonly removed?: object } };
}

/** One WebSocket, and everything that came over it. */
export class Wire {
  readonly socket: WebSocket;
  readonly said: Message[] = [];
  readonly closed: Promise<number>;
  #last = 0;

  constructor(port: number) {
    this.socket = new WebSocket(`ws://127.0.0.1:${port}/rtc`);
    this.socket.on('message', (data) => this.said.push(JSON.parse(data.toString())));
    this.socket.on('error', () => {});
    this.closed = new Promise((resolve) => this.socket.on('close', resolve));
  }

  /** The first notice of a name, or the first that fits. */
  async notice<N extends NoticeName>(
    method: N,
    fits: (params: NoticeParams<N>) => boolean = () => true,
  ): Promise<NoticeParams<N>> {
    const isIt = (message: Message) => message.method === method && fits(message.params as NoticeParams<N>);
    const found = await vi.waitFor(() => this.said.find(isIt) ?? fail(`no ${method}`), 20_000);
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
export class Caller {
  readonly wire: Wire;
  readonly entered: Result<'enter'>;
  readonly stream: SentStream;
  trackId = '';
  consumerId = '';
  #sending: Sending | undefined;
  #receiver: RtpPeer | undefined;
  #ssrc = 0;
  readonly #undo: Undo;
  readonly #sdkAppId: number;

  constructor(
    at: { readonly wire: Wire; readonly undo: Undo; readonly sdkAppId: number },
    entered: Result<'enter'>,
    ssrc: number,
  ) {
    this.wire = at.wire;
    this.#undo = at.undo;
    this.#sdkAppId = at.sdkAppId;
    this.entered = entered;
    this.stream = { mid: '0', kind: 'audio', ssrc, payloadType: 111 };
  }

  /** Sends a microphone; when it was sent before, as the same track. */
  async send({ muted = false } = {}): Promise<void> {
    const offer = await this.wire.ask('openTransport', { direction: 'send' });
    const peer = RtpPeer.sender(offer, [this.stream]);
    this.#undo.push(() => peer.close());
    const { transportId } = offer;
    await this.wire.ask('connectTransport', { transportId, dtlsParameters: peer.dtlsParameters });
    const published = await this.wire.ask('publish', {
      ...this.publication(transportId),
      muted,
      ...(this.trackId && { trackId: this.trackId }),
    });
    this.trackId = published.trackId;
    this.#sending = peer.send(this.stream, voice);
  }

  publication(transportId: string): Partial<Params<'publish'>> {
    return { transportId, slot: 'microphone', rtpParameters: sentParameters(this.stream) };
  }

  async receive({ silent = false } = {}): Promise<void> {
    const offer = await this.wire.ask('openTransport', { direction: 'recv' });
    const consumer = await this.wire.notice(
      'consumerOpened',
      (opened) => opened.transportId === offer.transportId,
    );
    const peer = RtpPeer.receiver(offer, [consumer]);
    this.#undo.push(() => peer.close());
    const { transportId } = offer;
    await this.wire.ask('connectTransport', { transportId, dtlsParameters: peer.dtlsParameters });
    await this.wire.ask('consumerReady', { consumerId: consumer.consumerId });
    this.consumerId = consumer.consumerId;
    this.#ssrc = consumer.rtpParameters.encodings[0]?.ssrc ?? 0;
    this.#receiver = peer;
    if (!silent) await vi.waitFor(() => expect(this.received).toBeGreaterThan(20), 20_000);
  }

  get sent(): number {
    return this.#sending?.sent() ?? 0;
  }

  get received(): number {
    return this.#receiver?.received(this.#ssrc) ?? 0;
  }

  resumeParams(secret = this.entered.resume.secret): Params<'resume'> {
    return { sdkAppId: this.#sdkAppId, roomId: 1, memberId: this.entered.memberId, secret };
  }
}

/** A whole server with one worker, in a folder of its own, and the members of its room 1. */
export class CallStage {
  readonly undo: Undo = [];
  readonly folder = mkdtempSync(join(tmpdir(), 'roomkey-call-'));
  #server: RoomkeyServer | undefined;
  #sdkAppId = 0;
  #issuer: TicketIssuer | undefined;

  async start(env: NodeJS.ProcessEnv = {}): Promise<void> {
    this.#server = await RoomkeyServer.start(
      loadConfig({
        ROOMKEY_DATA_DIR: join(this.folder, 'data'),
        ROOMKEY_PORT: '0',
        ROOMKEY_MEDIA_PORT: '0',
        ROOMKEY_WORKERS: '1',
        ROOMKEY_DEMO: 'off',
        ROOMKEY_LOG_LEVEL: 'silent',
        ROOMKEY_REQUESTS_PER_SECOND: '1000',
        ROOMKEY_CHANGES_PER_SECOND: '1000',
        ROOMKEY_WORKER_BIN: process.env['ROOMKEY_WORKER_BIN'],
        ...env,
      }),
    );
    const text = readFileSync(join(this.folder, 'data', 'first-run.txt'), 'utf8');
    const [, id = '', secretKey = ''] = /SDKAppID\s+(\d+)[\s\S]*secret key\s+(\S+)/.exec(text) ?? [];
    this.#sdkAppId = Number(id);
    this.#issuer = new TicketIssuer({ sdkAppId: this.#sdkAppId, secretKey });
  }

  get url(): string {
    return this.#server?.url ?? '';
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** Where WebSockets connect. */
  get socketUrl(): string {
    return `ws://127.0.0.1:${this.port}/rtc`;
  }

  get sdkAppId(): number {
    return this.#sdkAppId;
  }

  /** Everything that a member needs to enter room 1. */
  tickets(userId: string, bits = 255) {
    const issuer = this.#issuer as TicketIssuer;
    const userSig = issuer.genUserSig(userId, 300);
    const privateMapKey = issuer.genPrivateMapKey(userId, 300, 1, bits);
    return { sdkAppId: this.#sdkAppId, userId, roomId: 1, userSig, privateMapKey };
  }

  async wire(port = this.port): Promise<Wire> {
    const wire = new Wire(port);
    this.undo.push(() => wire.socket.terminate());
    await wire.notice('welcome');
    return wire;
  }

  async enter(userId: string, ssrc: number, port = this.port): Promise<Caller> {
    const wire = await this.wire(port);
    const { rtpCapabilities } = await wire.notice('welcome');
    const entered = await wire.ask('enter', { ...this.tickets(userId), rtpCapabilities });
    return new Caller({ wire, undo: this.undo, sdkAppId: this.#sdkAppId }, entered, ssrc);
  }

  /** Ana, and bob whose WebSocket goes through a process that can be killed; each hears the other. */
  async call(env: NodeJS.ProcessEnv = {}) {
    await this.start(env);
    const relay = await TcpRelay.start(this.port);
    this.undo.push(() => relay.kill());
    const ana = await this.enter('ana', 1111);
    const bob = await this.enter('bob', 2222, relay.port);
    await ana.send();
    await bob.send();
    await ana.receive();
    await bob.receive();
    return { ana, bob, relay };
  }

  /** Does something as an operator, over the admin socket. */
  async operate<T>(job: (admin: Awaited<ReturnType<typeof openAdmin>>) => Promise<T>): Promise<T> {
    const admin = await openAdmin({ folder: join(this.folder, 'data') });
    try {
      return await job(admin);
    } finally {
      await admin.close();
    }
  }

  async close(): Promise<void> {
    for (const job of this.undo.splice(0).reverse()) await job();
    await this.#server?.close();
    rmSync(this.folder, { recursive: true });
  }
}

/** At least 20 packets arrive at somebody in a second, sooner or later. */
export async function expectHearing(listener: Caller): Promise<void> {
  await vi.waitFor(async () => {
    const before = listener.received;
    await pause(1000);
    expect(listener.received - before).toBeGreaterThanOrEqual(20);
  }, 20_000);
}

/** No packet arrives at somebody in a second and longer, until the other has really sent 20. */
export async function expectSilence(listener: Caller, speaker: Caller): Promise<void> {
  // What was on its way before may still arrive.
  await pause(1000);
  const before = { heard: listener.received, said: speaker.sent };
  await pause(1000);
  await vi.waitFor(() => expect(speaker.sent - before.said).toBeGreaterThanOrEqual(20), 20_000);
  expect(listener.received).toBe(before.heard);
}

export const left = ({ wire }: Caller) => wire.said.filter(({ method }) => method === 'memberLeft');

/** The process id of the only media worker: the only child of this process that is one. */
export function workerPid(): number {
  const isWorker = (pid: string) => {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      return (
        / \(mediasoup[^)]*\) \S /.test(stat) && stat.split(') ').at(-1)?.split(' ')[1] === String(process.pid)
      );
    } catch {
      return false;
    }
  };
  return Number(
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .find(isWorker),
  );
}
