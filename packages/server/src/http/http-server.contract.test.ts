import { EventEmitter, once } from 'node:events';
import { get as httpGet, request as httpRequest, IncomingMessage, type RequestOptions } from 'node:http';
import { get as httpsGet } from 'node:https';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { selfSignedCertificate } from '@roomkey/testkit';
import { pino } from 'pino';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { TrustedProxies } from '../client-address.ts';
import { EventLoopShare } from '../event-loop-share.ts';
import { systemClock } from '../system-clock.ts';
import { demoApplication } from './app.fixture.ts';
import { HttpListenError, HttpServer, type HttpServerOptions } from './http-server.ts';
import { OpenSockets } from './open-sockets.ts';

async function serverWith(given: Partial<HttpServerOptions> = {}) {
  const sockets = new WebSocketServer({ noServer: true });
  const server = await HttpServer.listen({
    host: '127.0.0.1',
    port: 0,
    clock: systemClock,
    log: pino({ level: 'silent' }),
    server: 'roomkey test',
    ready: {},
    sdkDir: '/nonexistent',
    demo: { dir: import.meta.dirname, signer: () => demoApplication },
    webSockets: {
      '/rtc': {
        upgrade(request: IncomingMessage, socket: Duplex, head: Buffer) {
          let opened = false;
          sockets.handleUpgrade(request, socket, head, (webSocket) => {
            opened = true;
            webSocket.close(4000);
          });
          return opened;
        },
      },
    },
    ...given,
  });
  onTestFinished(() => server.stop({ withinMs: 0 }));
  return server;
}

/** Sends a request with exactly these headers; `fetch` would not let a test choose Host. */
async function ask(server: HttpServer, options: RequestOptions, body = '') {
  const request = httpRequest({ host: '127.0.0.1', port: server.port, ...options }).end(body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const chunks = await response.toArray();
  return { status: response.statusCode, text: Buffer.concat(chunks).toString() };
}

/** Opens a TCP connection and says something. */
async function rawly(server: HttpServer, said = ''): Promise<Socket> {
  const socket = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => {});
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  if (said) socket.write(said);
  return socket;
}

/** Whether the other end has ended a socket. */
const isOver = ({ closed, readableEnded }: Socket) => closed || readableEnded;

const webSocketHeaders =
  'Host: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
  'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';

test('pages and WebSockets share one port', async () => {
  const server = await serverWith();
  expect(await (await fetch(`${server.url}/healthz`)).json()).toEqual({ ok: true });
  const webSocket = new WebSocket(`ws://127.0.0.1:${server.port}/rtc?x=1`);
  expect(await once(webSocket, 'close')).toContain(4000);
});

test.each([
  ['/', 302],
  ['/rtc/', 404],
  ['/demo/', 404],
  ['/constructor', 404],
])('no WebSocket opens at %s; it is answered as a plain request', async (path, status) => {
  const server = await serverWith();
  const webSocket = new WebSocket(`ws://127.0.0.1:${server.port}${path}`);
  const [error] = await once(webSocket, 'error');
  expect(error.message).toBe(`Unexpected server response: ${status}`);
});

test('demo tickets come through a real socket, for the port that was really taken', async () => {
  const server = await serverWith();
  const host = `localhost:${server.port}`;
  const headers = { host, origin: `http://${host}`, 'content-type': 'application/json' };
  const options = { path: '/demo/tickets', method: 'POST', headers };
  const body = JSON.stringify({ userId: 'ana', roomId: 7, permissions: 255 });
  const { status, text } = await ask(server, options, body);
  expect([status, JSON.parse(text).sdkAppId]).toEqual([200, demoApplication.sdkAppId]);
  const rebound = { ...options, headers: { ...headers, host: `evil.example:${server.port}` } };
  expect((await ask(server, rebound, body)).status).toBe(403);
  const foreign = { ...options, headers: { ...headers, origin: 'http://evil.example' } };
  expect((await ask(server, foreign, body)).status).toBe(403);
});

describe('a body is read only when its length was said and is small', () => {
  const small = JSON.stringify({ userId: 'ana', roomId: 7, permissions: 255 });
  const chunked = `Transfer-Encoding: chunked\r\n\r\n${'1\r\nx\r\n'.repeat(10_000)}0\r\n\r\n`;

  test.each([
    ['in chunks', chunked, 411, 'lengthRequired'],
    ['above 4096 bytes', `Content-Length: 4097\r\n\r\n${'x'.repeat(4097)}`, 413, 'bodyTooLarge'],
    [
      'above 4096 bytes that has not come',
      'Expect: 100-continue\r\nContent-Length: 4097\r\n\r\n',
      413,
      'bodyTooLarge',
    ],
  ])('one %s is refused, wherever it goes, and its connection ends', async (_, rest, status, name) => {
    const server = await serverWith();
    for (const line of ['POST /demo/tickets', 'POST /nope', 'GET /healthz']) {
      const socket = await rawly(server, `${line} HTTP/1.1\r\nHost: x\r\n${rest}`);
      const answer = await text(socket);
      socket.destroy();
      const [head = '', body = ''] = answer.split('\r\n\r\n');
      expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} .*\r\nConnection: close`));
      expect(JSON.parse(body).error.name).toBe(name);
    }
    await vi.waitFor(() => expect(server.connections).toBe(0));
  });

  test('and Node.js looks at nothing of one that is not', async () => {
    const read = vi.spyOn(IncomingMessage.prototype, 'push');
    onTestFinished(() => read.mockRestore());
    const server = await serverWith();
    await text(await rawly(server, `POST /nope HTTP/1.1\r\nHost: x\r\n${chunked}`));
    // The end alone.
    expect(read.mock.calls).toEqual([[null]]);
  });

  test('one that comes bit by bit is read', async () => {
    const server = await serverWith();
    const host = `localhost:${server.port}`;
    const socket = await rawly(
      server,
      `POST /demo/tickets HTTP/1.1\r\nHost: ${host}\r\nOrigin: http://${host}\r\n` +
        `Content-Type: application/json\r\nContent-Length: ${small.length}\r\nConnection: close\r\n\r\n`,
    );
    socket.setNoDelay();
    for (const letter of small) {
      socket.write(letter);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await text(socket)).toMatch(/^HTTP\/1.1 200 /);
  });
});

test('metrics are given to this computer', async () => {
  const server = await serverWith({ metrics: { contentType: 'text/plain', text: async () => 'up 1' } });
  expect(await (await fetch(`${server.url}/metrics`)).text()).toBe('up 1');
});

test('with a certificate everything goes over TLS', async () => {
  const tls = selfSignedCertificate();
  const server = await serverWith({ tls });
  expect(server.url).toBe(`https://localhost:${server.port}`);
  const [response] = await once(httpsGet(`${server.url}/healthz`, { ca: tls.cert }), 'response');
  expect(response.statusCode).toBe(200);
  const webSocket = new WebSocket(`wss://localhost:${server.port}/rtc`, { ca: tls.cert });
  expect(await once(webSocket, 'close')).toContain(4000);
  const plain = httpGet(`http://127.0.0.1:${server.port}/healthz`);
  await expect(once(plain, 'response')).rejects.toThrow();
});

test('a port that is taken is said plainly', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  onTestFinished(() => void other.close());
  const { port } = other.address() as AddressInfo;
  const failing = serverWith({ port });
  await expect(failing).rejects.toThrow(HttpListenError);
  await expect(failing).rejects.toThrow(
    `Cannot listen on 127.0.0.1, port ${port}: another program has this port. Stop it, or choose another port with ROOMKEY_PORT.`,
  );
});

test('an address of another computer is said plainly', async () => {
  await expect(serverWith({ host: '192.0.2.7' })).rejects.toThrow('it is no address of this computer.');
});

test('a request that its client breaks off is no error of the server', async () => {
  const lines: string[] = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) });
  const server = await serverWith({ log });
  const host = `localhost:${server.port}`;
  const head =
    `POST /demo/tickets HTTP/1.1\r\nHost: ${host}\r\nOrigin: http://${host}\r\n` +
    'Content-Type: application/json\r\nContent-Length: 10\r\n\r\n';
  const brokenOff = await rawly(server, `${head}hello`);
  await fetch(`${server.url}/healthz`);
  brokenOff.destroy();
  await vi.waitFor(() => expect(lines.filter((line) => line.includes('"status":400'))).toHaveLength(1));
  expect(lines.filter((line) => !line.includes('"level":20'))).toEqual([]);
});

test('garbage on the port harms nobody', async () => {
  const server = await serverWith();
  const raw = connect(server.port, '127.0.0.1');
  raw.write('\x16\x03\x01 no http at all\r\n\r\n');
  raw.resume();
  await once(raw, 'close');
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
});

test('stopping waits for a request that is being answered, and not for ever', async () => {
  const asked = new EventEmitter();
  const text = () => new Promise<string>((resolve) => asked.emit('metrics', () => resolve('up 1')));
  const server = await serverWith({ metrics: { contentType: 'text/plain', text } });
  const waiting = once(asked, 'metrics');
  const first = fetch(`${server.url}/metrics`);
  const [answer] = await waiting;
  const stopped = server.stop({ withinMs: 10_000 });
  answer();
  expect(await (await first).text()).toBe('up 1');
  await stopped;
  await expect(fetch(`${server.url}/healthz`)).rejects.toThrow();
});

test('a request that never ends is cut off when the server stops', async () => {
  const server = await serverWith({
    metrics: { contentType: 'text/plain', text: () => new Promise<string>(() => {}) },
  });
  const asked = fetch(`${server.url}/metrics`);
  const failed = expect(asked).rejects.toThrow();
  await fetch(`${server.url}/healthz`);
  await server.stop({ withinMs: 50 });
  await failed;
});

describe('a socket whose request offers an upgrade', () => {
  test.each([
    ['a WebSocket where there is none', `GET /nope HTTP/1.1\r\n${webSocketHeaders}\r\n`, 404],
    [
      'HTTP/2',
      'GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n',
      200,
    ],
    [
      'something unknown',
      'GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: foo/2, websocket\r\n\r\n',
      200,
    ],
    [
      'HTTP/2 on the path of WebSockets',
      'GET /rtc HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n',
      426,
    ],
    [
      'HTTP/2 with a body',
      `POST /demo/tickets HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 3\r\n\r\n{ }`,
      403,
    ],
    [
      'a WebSocket without a key',
      'GET /rtc HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
      400,
    ],
  ])('is answered and ends: %s', async (_, said, status) => {
    const server = await serverWith();
    const answer = await text(await rawly(server, said));
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} [\\s\\S]*\\r\\nconnection: close\\r\\n`, 'i'));
    expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1);
  });

  test('is gone on both sides, also when more bytes follow and the client never closes', async () => {
    const server = await serverWith();
    for (let i = 0; i < 20; i++) {
      const socket = await rawly(server, `GET /nope HTTP/1.1\r\n${webSocketHeaders}\r\n`);
      socket.write('more bytes');
      socket.resume();
    }
    await vi.waitFor(() => expect(server.connections).toBe(0), 15_000);
  });

  test('has its turn as every request has: many of one address keep no other waiting', async () => {
    const held: (() => void)[] = [];
    class HeldShare extends EventLoopShare {
      override later(job: (until: number) => void): void {
        held.push(() => job(0));
      }
    }
    const came: unknown[] = [];
    const upgrade = ({ socket }: IncomingMessage) => came.push(socket.remoteAddress) > 0;
    const server = await serverWith({ share: new HeldShare(), webSockets: { '/rtc': { upgrade } } });
    const request = `GET /rtc HTTP/1.1\r\n${webSocketHeaders}\r\n`;
    for (let i = 1; i <= 20; i++) {
      await rawly(server, request);
      await vi.waitFor(() => expect(held).toHaveLength(i));
    }
    const other = connect({ port: server.port, host: '127.0.0.1', localAddress: '127.0.0.2' });
    onTestFinished(() => void other.destroy());
    other.write(request);
    await vi.waitFor(() => expect(held).toHaveLength(21));
    for (const job of held) job();
    expect(came).toHaveLength(21);
    expect(came[1]).toBe('127.0.0.2');
  });

  test('that the owner of the WebSockets refuses is cut after its deadline', async () => {
    const server = await serverWith({
      webSockets: {
        '/rtc': {
          upgrade(_request: IncomingMessage, socket: Duplex) {
            socket.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n\r\n');
            return false;
          },
        },
      },
    });
    const socket = await rawly(server, `GET /rtc HTTP/1.1\r\n${webSocketHeaders}\r\n`);
    socket.resume();
    await vi.waitFor(() => expect(server.connections).toBe(0), 15_000);
  });
});

describe('a connection has one request at a time', () => {
  /** A server that counts what it is asked, and whose metrics are never answered. */
  async function countingServer() {
    let asked = 0;
    let upgrades = 0;
    const count = () => {
      asked += 1;
      return true;
    };
    const upgrade = () => {
      upgrades += 1;
      return true;
    };
    const metrics = { contentType: 'text/plain', text: () => new Promise<string>(() => {}) };
    const server = await serverWith({ ready: { count }, metrics, webSockets: { '/rtc': { upgrade } } });
    const { port } = server;
    const request = (path: string) => `GET ${path} HTTP/1.1\r\nHost: localhost:${port}\r\n\r\n`;
    const upgradeRequest = (path: string) => `GET ${path} HTTP/1.1\r\n${webSocketHeaders}\r\n`;
    return { server, request, upgradeRequest, counted: () => ({ asked, upgrades }) };
  }

  test('one that sends more before the first is answered is cut, and they are not run', async () => {
    const { server, request, counted } = await countingServer();
    const socket = await rawly(server, request('/readyz').repeat(1000));
    socket.resume();
    await vi.waitFor(() => expect(isOver(socket)).toBe(true));
    expect(counted().asked).toBe(1);
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
  });

  test('and of what follows the second one, Node.js looks at nothing', async () => {
    const { server, request } = await countingServer();
    const read = vi.spyOn(
      IncomingMessage.prototype as unknown as { _addHeaderLines(): void },
      '_addHeaderLines',
    );
    onTestFinished(() => read.mockRestore());
    const socket = await rawly(server, request('/readyz').repeat(1000));
    socket.resume();
    await vi.waitFor(() => expect(isOver(socket)).toBe(true));
    expect(read).toHaveBeenCalledTimes(2);
  });

  test('one that sends more while the first is being answered is cut', async () => {
    const { server, request, counted } = await countingServer();
    const socket = await rawly(server, request('/metrics'));
    await fetch(`${server.url}/readyz`);
    socket.resume().write(request('/readyz'));
    await vi.waitFor(() => expect(isOver(socket)).toBe(true));
    expect(counted().asked).toBe(1);
  });

  test('one that offers an upgrade behind a request is cut, whatever it offers', async () => {
    const { server, request, upgradeRequest, counted } = await countingServer();
    for (const path of ['/rtc', '/nope']) {
      const socket = await rawly(server, request('/metrics') + upgradeRequest(path));
      socket.resume();
      await vi.waitFor(() => expect(isOver(socket)).toBe(true));
    }
    const many = await rawly(server, upgradeRequest('/readyz').repeat(100));
    many.resume();
    await vi.waitFor(() => expect(isOver(many)).toBe(true));
    expect(counted()).toEqual({ asked: 0, upgrades: 0 });
  });

  test.each([
    ['without a Host', '', 400],
    ['that waits for leave to go on', 'Host: x\r\nExpect: 100-continue\r\n', 100],
    ['that expects what nobody knows', 'Host: x\r\nExpect: wonders\r\n', 417],
  ])('a request %s is answered, and with more behind it cut', async (_, headers, status) => {
    const { server } = await countingServer();
    const one = `GET /readyz HTTP/1.1\r\n${headers}\r\n`;
    const [answer] = await once(await rawly(server, one), 'data');
    expect(String(answer)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    const socket = await rawly(server, one.repeat(1000));
    const said = await text(socket).catch(() => '');
    expect(said.match(/^HTTP/gm)?.length ?? 0).toBeLessThan(2);
  });

  test('one that waits for each answer goes on, up to a thousand requests', async () => {
    const { server, request } = await countingServer();
    const socket = await rawly(server);
    for (let i = 0; i < 3; i++) {
      socket.write(request('/readyz'));
      const [answer] = await once(socket, 'data');
      expect(String(answer)).toMatch(/^HTTP\/1\.1 200 [\s\S]*\r\nKeep-Alive: timeout=5, max=1000\r\n/);
    }
  });
});

describe('a stop does not wait', () => {
  test('for sockets that were taken over and that nobody ends', async () => {
    const server = await serverWith({ webSockets: { '/rtc': { upgrade: () => true } } });
    const socket = await rawly(server, `GET /rtc HTTP/1.1\r\n${webSocketHeaders}\r\n`);
    await vi.waitFor(() => expect(server.connections).toBe(1));
    await server.stop({ withinMs: 50 });
    socket.resume();
    await vi.waitFor(() => expect(isOver(socket)).toBe(true));
  });

  test('for clients that use one port for two addresses of this computer', async () => {
    const server = await serverWith({ host: '0.0.0.0' });
    const from = (host: string, localPort = 0) => {
      const socket = connect({ port: server.port, host, localAddress: '127.0.0.1', localPort });
      socket.on('error', () => {}).write('GET /healthz HTTP/1.1\r\nHost: x\r\n');
      onTestFinished(() => void socket.destroy());
      return socket;
    };
    const first = from('127.0.0.1');
    await once(first, 'connect');
    from('127.0.0.2', first.localPort);
    await vi.waitFor(() => expect(server.connections).toBe(2));
    await server.stop({ withinMs: 50 });
    await vi.waitFor(() => expect(server.connections).toBe(0));
  });

  test('for a handshake of TLS that does not begin', async () => {
    const server = await serverWith({ tls: selfSignedCertificate() });
    await rawly(server);
    await vi.waitFor(() => expect(server.connections).toBe(1));
    await server.stop({ withinMs: 50 });
  });

  test('for a connection over TLS that says nothing', async () => {
    const tls = selfSignedCertificate();
    const server = await serverWith({ tls, webSockets: { '/rtc': { upgrade: () => true } } });
    const webSocket = new WebSocket(`wss://localhost:${server.port}/rtc`, { ca: tls.cert });
    webSocket.on('error', () => {});
    await vi.waitFor(() => expect(server.connections).toBe(1));
    await server.stop({ withinMs: 50 });
    await vi.waitFor(() => expect(server.connections).toBe(0));
  });
});

describe('more connections than there may be', () => {
  const sockets = { total: 5, requestsPerAddress: 100 };

  test('cut the oldest that is no WebSocket, so that others still get an answer', async () => {
    const server = await serverWith({ sockets, webSockets: { '/rtc': { upgrade: () => true } } });
    const webSocket = await rawly(server, `GET /rtc HTTP/1.1\r\n${webSocketHeaders}\r\n`);
    await vi.waitFor(() => expect(server.connections).toBe(1));
    const idle: Socket[] = [];
    for (let i = 0; i < 20; i++) idle.push((await rawly(server)).resume());
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    await vi.waitFor(() => expect(idle.filter((socket) => !isOver(socket)).length).toBeLessThan(5));
    expect(isOver(webSocket.resume())).toBe(false);
  });

  test('are not even accepted above one more than that, while nobody makes room for them', async () => {
    const blocked = vi.spyOn(OpenSockets.prototype, 'accepted').mockImplementation(() => {});
    onTestFinished(() => blocked.mockRestore());
    const server = await serverWith({ sockets });
    const opened: Socket[] = [];
    for (let i = 0; i < 20; i++) opened.push((await rawly(server)).resume());
    const left = () => opened.filter((socket) => !isOver(socket));
    await vi.waitFor(() => expect(left()).toHaveLength(sockets.total + 1));
    expect(blocked).toHaveBeenCalledTimes(sockets.total + 1);
    for (const socket of left()) socket.destroy();
  });

  test('of one address cut its own oldest; those of trusted proxies are not counted by address', async () => {
    const perAddress = { total: 100, requestsPerAddress: 3 };
    const server = await serverWith({ sockets: perAddress });
    for (let i = 0; i < 10; i++) (await rawly(server)).resume();
    await vi.waitFor(() => expect(server.connections).toBe(3));
    const trustedProxies = new TrustedProxies(['127.0.0.1']);
    const behindProxy = await serverWith({ sockets: perAddress, trustedProxies });
    for (let i = 0; i < 10; i++) (await rawly(behindProxy)).resume();
    await vi.waitFor(() => expect(behindProxy.connections).toBe(10));
  });
});
