import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect as connectTcp, type Socket } from 'node:net';
import type { ClientLimits } from '@roomkey/protocol';
import { FakeClock, FakeHome, selfSignedCertificate } from '@roomkey/testkit';
import { pino } from 'pino';
import { afterEach, expect, test, vi } from 'vitest';
import { type ClientOptions, WebSocket } from 'ws';
import { TrustedProxies } from '../client-address.ts';
import type { Clock } from '../ports/index.ts';
import { enterParams } from './connection.fixture.ts';
import { Connection } from './connection.ts';
import { SignalingEdge, type SignalingOptions, signalingPath } from './signaling-edge.ts';

const limits: ClientLimits = {
  maxMessageBytes: 65_536,
  requestsPerSecond: 1000,
  changesPerSecond: 1000,
  pendingRequests: 64,
  enterSeconds: 60,
  pingSeconds: 60,
};
const clock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  after: (ms, job) => {
    const timer = setTimeout(job, ms);
    return () => clearTimeout(timer);
  },
};

const until = (condition: () => void): Promise<void> => vi.waitFor(condition, 20_000);

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function edgeWith(given: Partial<ClientLimits> = {}, options: Partial<SignalingOptions> = {}) {
  const home = new FakeHome();
  const edge = new SignalingEdge({
    home,
    clock,
    limits: { ...limits, ...given },
    server: 'roomkey test',
    rtpCapabilities: { codecs: [] },
    maxConnections: 100,
    log: pino({ level: 'silent' }),
    ...options,
  });
  const server: Server = createServer();
  server.on('upgrade', (request, socket, head) => edge.upgrade(request, socket, head));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  cleanups.push(async () => {
    await edge.stop({ withinMs: 100 });
    server.closeAllConnections();
    server.close();
  });
  const url = `ws://127.0.0.1:${port}${signalingPath}`;
  return { home, edge, server, port, url };
}

class Client {
  readonly socket: WebSocket;
  readonly said: { id?: number; method?: string; params?: Record<string, unknown> }[] = [];
  readonly closed: Promise<number>;
  readonly opened: Promise<void>;

  constructor(url: string, protocols: string[] = [], options: ClientOptions = {}) {
    this.socket = new WebSocket(url, protocols, options);
    this.socket.on('message', (data) => this.said.push(JSON.parse(data.toString())));
    this.socket.on('error', () => {});
    this.closed = new Promise((resolve) => this.socket.on('close', resolve));
    this.opened = once(this.socket, 'open').then(() => {});
    cleanups.push(() => this.socket.terminate());
  }

  ask(id: number, method: string, params: object = {}): void {
    this.socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
  }

  async enter(userId = 'ana'): Promise<void> {
    await this.opened;
    this.ask(1, 'enter', { ...enterParams, userId });
    await until(() => expect(this.said.find(({ id }) => id === 1)).toBeDefined());
  }
}

/** What an HTTP upgrade was answered, when it was refused. */
async function refusalOf(url: string): Promise<number | undefined> {
  const socket = new WebSocket(url);
  cleanups.push(() => socket.terminate());
  socket.on('error', () => {});
  const [, response] = await once(socket, 'unexpected-response');
  return response.statusCode;
}

test('what a client is sent in one turn leaves in one write, the first words with the answer to the upgrade', async () => {
  const { server, url } = await edgeWith();
  const writes: string[] = [];
  server.prependListener('upgrade', (_request, socket) => {
    const write = socket._writev?.bind(socket);
    socket._writev = (chunks, done) => {
      writes.push(chunks.map(({ chunk }) => String(chunk)).join(''));
      write?.(chunks, done);
    };
  });
  const client = new Client(url);
  await until(() => expect(client.said).toHaveLength(1));
  expect(writes).toHaveLength(1);
  expect(writes[0]).toMatch(/^HTTP\/1\.1 101 [\s\S]*"welcome"/);
});

test('a client is welcomed with the protocol, the limits and what media can do', async () => {
  const { url } = await edgeWith();
  const client = new Client(url);
  await until(() => expect(client.said).toHaveLength(1));
  expect(client.said[0]).toEqual({
    jsonrpc: '2.0',
    method: 'welcome',
    params: { protocol: 1, server: 'roomkey test', rtpCapabilities: { codecs: [] }, limits },
  });
});

test('welcome tells the limits and nothing else of the object that holds them', async () => {
  const { url } = await edgeWith({ masterKey: 'secret' } as object);
  const client = new Client(url);
  await until(() => expect(client.said).toHaveLength(1));
  expect(client.said[0]?.params?.['limits']).toEqual(limits);
});

test('the subprotocol is agreed when a client names it', async () => {
  const { url } = await edgeWith();
  const client = new Client(url, ['something.else', 'roomkey.1']);
  await client.opened;
  expect(client.socket.protocol).toBe('roomkey.1');
});

test('messages are never compressed, so that no secret leaks by its length', async () => {
  const { url } = await edgeWith();
  const client = new Client(url, [], { perMessageDeflate: true });
  await client.opened;
  expect(client.socket.extensions).toBe('');
});

test('a message above the limit closes its connection with 1009 and no other', async () => {
  const { url, home } = await edgeWith();
  const [big, other] = [new Client(url), new Client(url)];
  await big.enter('ana');
  await other.enter('bob');
  big.ask(2, 'subscribe', { userId: 'x'.repeat(limits.maxMessageBytes) });
  expect(await big.closed).toBe(1009);
  await until(() => expect(home.seats.map(({ drops }) => drops)).toEqual([['left'], []]));
  other.ask(2, 'subscribe', { userId: 'x', slot: 'camera' });
  await until(() => expect(other.said.at(-1)).toMatchObject({ id: 2 }));
});

test('a binary frame closes its connection', async () => {
  const { url } = await edgeWith();
  const client = new Client(url);
  await client.opened;
  client.socket.send(Buffer.from('{}'));
  expect(await client.closed).toBe(1003);
});

test('over TLS too, a client that goes on sending reads why it was closed', async () => {
  const { edge } = await edgeWith();
  const certificate = selfSignedCertificate();
  const server = createTlsServer(certificate);
  server.on('upgrade', (request, socket, head) => edge.upgrade(request, socket, head));
  server.listen(0, 'localhost');
  await once(server, 'listening');
  cleanups.push(() => server.close());
  const { port } = server.address() as AddressInfo;
  const client = new Client(`wss://localhost:${port}${signalingPath}`, [], { ca: certificate.cert });
  await client.opened;
  for (let i = 0; i < 100; i++) client.socket.send(Buffer.alloc(10_000));
  expect(await client.closed).toBe(1003);
  await until(() => expect(edge.connections).toBe(0));
});

test('text that is not UTF-8 closes its connection', async () => {
  const { url } = await edgeWith();
  const client = new Client(url);
  await client.opened;
  client.socket.send(Buffer.from([0xff, 0xfe, 0xfd]), { binary: false });
  expect(await client.closed).toBe(1007);
});

test('a client that does not read is cut off while others get everything', async () => {
  const { url, home, edge } = await edgeWith();
  const [slow, quick] = [new Client(url), new Client(url)];
  await slow.enter('ana');
  await quick.enter('bob');
  slow.socket.pause();
  const [slowSeat, quickSeat] = home.seats;
  const message = 'x'.repeat(50_000);
  const notice = (i: number) => ({
    method: 'trackClosed' as const,
    params: { trackId: String(i), slot: 'camera' as const, cause: 'c', message },
  });
  let sent = 0;
  await vi.waitFor(
    async () => {
      slowSeat?.link.notify(notice(sent));
      quickSeat?.link.notify(notice(sent++));
      await new Promise(setImmediate);
      expect(slowSeat?.drops).toEqual(['lost']);
    },
    { timeout: 30_000, interval: 1 },
  );
  await until(() => expect(edge.connections).toBe(1));
  await until(() => expect(quick.said.at(-1)?.params?.['trackId']).toBe(String(sent - 1)));
  expect(quick.said.filter(({ method }) => method === 'trackClosed')).toHaveLength(sent);
  expect(quickSeat?.drops).toEqual([]);
});

test('a client that answers no ping is cut off while others stay', async () => {
  const { url, home } = await edgeWith({ pingSeconds: 0.05 });
  const silent = new Client(url, [], { autoPong: false });
  const alive = new Client(url);
  await silent.enter('ana');
  await alive.enter('bob');
  expect(await silent.closed).toBe(1006);
  await until(() => expect(home.seats[0]?.drops).toEqual(['lost']));
  expect(alive.socket.readyState).toBe(WebSocket.OPEN);
});

test('a client that never enters is closed with 4408', async () => {
  const { url } = await edgeWith({ enterSeconds: 0.05 });
  expect(await new Client(url).closed).toBe(4408);
});

test.each([
  ['breaks', (socket: WebSocket) => socket.terminate(), 'lost'],
  [
    'is reset',
    (socket: WebSocket) => (socket as unknown as { _socket: Socket })._socket.resetAndDestroy(),
    'lost',
  ],
  ['is closed by a client that comes back', (socket: WebSocket) => socket.close(4002), 'lost'],
  ['is closed by its client', (socket: WebSocket) => socket.close(), 'left'],
  ['ends with its page', (socket: WebSocket) => socket.close(1001), 'left'],
] as const)(
  'a member whose connection %s is dropped as one who may come back or not',
  async (_, end, how) => {
    const { url, home, edge } = await edgeWith();
    const client = new Client(url);
    await client.enter();
    end(client.socket);
    await until(() => expect(home.seat.drops).toEqual([how]));
    await until(() => expect(edge.connections).toBe(0));
  },
);

test('a frame that no WebSocket client sends closes its connection and harms nothing else', async () => {
  const { url, home, port } = await edgeWith();
  const other = new Client(url);
  await other.enter();
  const raw: Socket = connectTcp(port, '127.0.0.1');
  cleanups.push(() => raw.destroy());
  raw.write(
    `GET ${signalingPath} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  );
  await once(raw, 'data');
  raw.resume();
  raw.write(Buffer.from([0x8f, 0x80, 1, 2, 3, 4]));
  await once(raw, 'close');
  expect(other.socket.readyState).toBe(WebSocket.OPEN);
  expect(home.seat.drops).toEqual([]);
});

/** A WebSocket of which a test writes the bytes. */
async function rawSocket(port: number): Promise<Socket> {
  const raw = connectTcp(port, '127.0.0.1');
  cleanups.push(() => raw.destroy());
  raw.on('error', () => {});
  raw.write(
    `GET ${signalingPath} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  );
  await once(raw, 'data');
  return raw;
}

/** The socket under a WebSocket. */
const socketOf = ({ socket }: Client): Socket => (socket as unknown as { _socket: Socket })._socket;

/** Frames of one byte: the first of a message, one that goes on, and a pong. */
const [beginning, goingOn, pong] = [0x01, 0x00, 0x8a].map((first) =>
  Buffer.from([first, 0x81, 0, 0, 0, 0, 0x20]),
);

test('a message in more than 64 fragments closes its connection: each keeps what came with it in memory', async () => {
  const { url } = await edgeWith();
  const client = new Client(url);
  await client.enter();
  socketOf(client).write(Buffer.concat([beginning, ...Array(64).fill(goingOn)]));
  expect(await client.closed).toBe(1008);
});

test('a frame that comes in very many pieces closes its connection', async () => {
  const { url } = await edgeWith();
  const client = new Client(url);
  await client.enter();
  const socket = socketOf(client);
  socket.setNoDelay();
  socket.write(Buffer.from([0x81, 0xfe, 0xff, 0xff, 0, 0, 0, 0]));
  while (client.socket.readyState === WebSocket.OPEN) {
    socket.write(' ');
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  expect(await client.closed).toBe(1008);
});

test('pongs that nobody asked for close a connection, and nothing that follows is read', async () => {
  const { edge, port } = await edgeWith({ requestsPerSecond: 10 });
  const raw = await rawSocket(port);
  raw.write(Buffer.concat(Array(200).fill(pong)));
  const [said] = await once(raw, 'data');
  expect(said.readUInt16BE(said.indexOf(0x88) + 2)).toBe(1008);
  raw.resume();
  const flood = setInterval(() => raw.write(Buffer.concat(Array(1000).fill(pong))), 1);
  cleanups.push(() => clearInterval(flood));
  await once(raw, 'end');
  raw.end();
  clearInterval(flood);
  await until(() => expect(edge.connections).toBe(0));
});

test('what a client has sent behind the message that closes its connection is not looked at', async () => {
  const read = vi.spyOn(Connection.prototype, 'received');
  cleanups.push(() => read.mockRestore());
  const { port } = await edgeWith();
  const raw = await rawSocket(port);
  const empty = Buffer.from([0x81, 0x80, 0, 0, 0, 0]);
  raw.write(Buffer.concat(Array(10_000).fill(empty)));
  await once(raw, 'data');
  await once(raw.resume(), 'end');
  expect(read.mock.calls.length).toBeLessThan(200);
});

test('a message that a member begins and does not end cuts its connection after 30 seconds', async () => {
  const late = new FakeClock();
  const { url, home } = await edgeWith({}, { clock: late });
  const client = new Client(url);
  await client.enter();
  client.ask(2, 'subscribe', { userId: 'x', slot: 'camera' });
  await until(() => expect(client.said.at(-1)).toMatchObject({ id: 2 }));
  late.advance(30_000);
  const timers = late.pending;
  socketOf(client).write(beginning ?? '');
  await until(() => expect(late.pending).toBe(timers + 1));
  late.advance(29_999);
  expect(client.socket.readyState).toBe(WebSocket.OPEN);
  late.advance(1);
  expect(await client.closed).toBe(1006);
  await until(() => expect(home.seat.drops).toEqual(['lost']));
});

test('a connection whose seat another one took up makes room at once, and is cut a second later', async () => {
  const { url, home, edge } = await edgeWith({}, { maxConnections: 2 });
  const [first, second] = [new Client(url), new Client(url)];
  for (const [i, client] of [first, second].entries()) {
    await client.enter(`user_${i}`);
    client.socket.pause();
  }
  for (const { link } of home.seats) link.end('superseded');
  const third = new Client(url);
  await third.enter('user_2');
  expect(third.said.at(-1)).toMatchObject({ id: 1, result: {} });
  await until(() => expect(edge.connections).toBe(1));
});

test('when all have entered a new connection is turned away, and one that closes makes room', async () => {
  const { url } = await edgeWith({}, { maxConnections: 2 });
  const [first, second] = [new Client(url), new Client(url)];
  await first.enter('ana');
  await second.enter('bob');
  expect(await refusalOf(url)).toBe(503);
  first.socket.close();
  await first.closed;
  await new Client(url).opened;
});

test('when all places are taken, the oldest connection that has not entered is cut off', async () => {
  const { url, edge } = await edgeWith({}, { maxConnections: 3 });
  const inside = new Client(url);
  await inside.enter();
  const old = new Client(url);
  await old.opened;
  const young = new Client(url);
  await young.opened;
  const another = new Client(url);
  await another.enter('bob');
  expect(await old.closed).toBe(1006);
  expect(edge.connections).toBe(3);
  expect([inside, young, another].map(({ socket }) => socket.readyState)).toEqual(
    Array(3).fill(WebSocket.OPEN),
  );
});

test('one address fills its own share with connections that do not enter, and others still come in', async () => {
  const trustedProxies = new TrustedProxies(['127.0.0.1']);
  const { url, edge } = await edgeWith({}, { maxConnections: 50, maxOutsidePerAddress: 5, trustedProxies });
  const from = (address: string) => new Client(url, [], { headers: { 'x-forwarded-for': address } });
  const honest = from('2001:db8:2::1');
  await honest.opened;
  const many = Array.from({ length: 40 }, (_, i) => from(`2001:db8:1::${i + 1}`));
  await Promise.all(many.map(({ opened }) => opened));
  await until(() => expect(edge.connections).toBe(6));
  await honest.enter();
});

test('of one address only so many members are inside; who comes back is not counted against them', async () => {
  const { url, home } = await edgeWith({}, { maxConnectionsPerAddress: 1 });
  await new Client(url).enter('ana');
  const second = new Client(url);
  await second.enter('bob');
  expect(second.said.at(-1)).toMatchObject({ id: 1, error: { data: { name: 'tooManyConnections' } } });
  expect(home.seats).toHaveLength(1);
  second.ask(2, 'resume', { sdkAppId: 1, roomId: 7, memberId: 'member-1', secret: '1.secret' });
  await until(() => expect(second.said.at(-1)).toMatchObject({ id: 2, result: {} }));
});

test('a tenth of the places is for those who come back', async () => {
  const { url } = await edgeWith({}, { maxConnections: 10 });
  for (let i = 0; i < 9; i++) await new Client(url).enter(`user_${i}`);
  const tenth = new Client(url);
  await tenth.enter('user_9');
  expect(tenth.said.at(-1)).toMatchObject({ error: { data: { name: 'tooManyConnections', retry: true } } });
});

test('stopping closes everybody with 1001, waits for it, and takes nobody new', async () => {
  const { url, edge, home } = await edgeWith();
  const client = new Client(url);
  await client.enter();
  await edge.stop();
  expect(edge.connections).toBe(0);
  expect(await client.closed).toBe(1001);
  await until(() => expect(home.seat.drops).toEqual(['left']));
  expect(await refusalOf(url)).toBe(503);
});

test('stopping does not wait for a client that does not close', async () => {
  const { url, edge } = await edgeWith();
  const client = new Client(url);
  await client.enter();
  client.socket.pause();
  await edge.stop({ withinMs: 50 });
  expect(edge.connections).toBe(0);
});

test('the answer to exit arrives before the socket closes', async () => {
  const { url } = await edgeWith();
  const client = new Client(url);
  await client.enter();
  client.ask(2, 'exit');
  expect(await client.closed).toBe(1000);
  expect(client.said.at(-1)).toEqual({ jsonrpc: '2.0', id: 2, result: {} });
});

test('the notice removed arrives before the socket closes', async () => {
  const { url, home } = await edgeWith();
  const client = new Client(url);
  await client.enter();
  home.seat.link.notify({ method: 'removed', params: { reason: 'serverStopping' } });
  home.seat.link.end();
  expect(await client.closed).toBe(4000);
  expect(client.said.at(-1)).toMatchObject({ method: 'removed' });
});
