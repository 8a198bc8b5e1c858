import { FakeHome, fakeIcePassword, RoomWorldUnderTest } from '@roomkey/testkit';
import { TicketIssuer } from '@roomkey/tickets';
import { expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { HttpServer } from './http/index.ts';
import { createLogger, logEvents } from './logging.ts';
import type { EventListener, Home } from './ports/index.ts';
import { SignalingEdge, signalingPath } from './signaling/index.ts';
import { systemClock } from './system-clock.ts';

const secretKey = '5bd2850fff3ecb11d7c805251c51ee463a25727bddc2385f3fa8bfee1bb93b5e';
const sdkAppId = 1_400_000_001;

/** A server that logs everything, and a client that says what a test tells it to. */
async function loggingServer(homeFor: (heard: EventListener) => Home) {
  const lines: string[] = [];
  const log = createLogger({ level: 'trace', destination: { write: (line) => void lines.push(line) } });
  const edge = new SignalingEdge({
    home: homeFor(logEvents(log, { find: () => undefined })),
    limits: {
      maxMessageBytes: 65_536,
      requestsPerSecond: 100,
      changesPerSecond: 1000,
      pendingRequests: 10,
      enterSeconds: 60,
      pingSeconds: 60,
    },
    server: 'roomkey test',
    rtpCapabilities: { codecs: [] },
    maxConnections: 10,
    clock: systemClock,
    log,
  });
  const server = await HttpServer.listen({
    host: '127.0.0.1',
    port: 0,
    clock: systemClock,
    log,
    server: 'roomkey test',
    ready: {},
    sdkDir: '/nonexistent',
    demo: { dir: import.meta.dirname, signer: () => ({ sdkAppId, secretKey }) },
    webSockets: { [signalingPath]: edge },
  });
  onTestFinished(async () => {
    await edge.stop();
    await server.stop();
  });
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}${signalingPath}`);
  onTestFinished(() => socket.terminate());
  const answers: { id?: number; result?: unknown; error?: unknown }[] = [];
  socket.on('message', (data) => answers.push(JSON.parse(data.toString())));
  await new Promise((resolve) => socket.once('open', resolve));
  let id = 0;
  const ask = async (method: string, params: object) => {
    const asked = ++id;
    socket.send(JSON.stringify({ jsonrpc: '2.0', id: asked, method, params }));
    return vi.waitFor(() => {
      const answer = answers.find((one) => one.id === asked);
      expect(answer).toBeDefined();
      return answer;
    }, 20_000);
  };
  return { server, ask, lines };
}

/** What may never stand in a log. */
function ticketsOf(issuer: TicketIssuer) {
  const userSig = issuer.genUserSig('ana', 600);
  const privateMapKey = issuer.genPrivateMapKey('ana', 600, 7, 255);
  return { userSig, privateMapKey, enter: { sdkAppId, userId: 'ana', roomId: 7, userSig, privateMapKey } };
}

const dtlsParameters = {
  role: 'client',
  fingerprints: [{ algorithm: 'sha-256', value: Array(4).fill('AA:BB:CC:DD:EE:FF:00:11').join(':') }],
};

test('a call from entry to exit leaves its changes in the log, and no ticket, key or session parameter', async () => {
  const world = new RoomWorldUnderTest({
    keys: [{ keyId: 'first', secret: secretKey, state: 'active' }],
  });
  const now = Math.floor(world.clock.now() / 1000);
  const { enter, userSig, privateMapKey } = ticketsOf(new TicketIssuer({ sdkAppId, secretKey, now }));
  const { ask, lines } = await loggingServer((heard) => ({
    enter: async (request, link) => {
      const entered = await world.home.enter(request, link);
      for (const event of world.events.splice(0)) heard(event);
      return entered;
    },
    resume: (request, link) => world.home.resume(request, link),
  }));
  const wrong = await ask('enter', { ...enter, privateMapKey: userSig });
  expect(wrong).toHaveProperty('error');
  expect(await ask('enter', enter)).toHaveProperty('result');
  const opened = (await ask('openTransport', { direction: 'send' })) as {
    result: { transportId: string; iceParameters: { password: string } };
  };
  const { transportId, iceParameters } = opened.result;
  await ask('connectTransport', { transportId, dtlsParameters });
  await ask('exit', {});
  const text = lines.join('');
  for (const secret of [userSig, privateMapKey, secretKey]) {
    expect(text).not.toContain(secret);
    expect(text).not.toContain(secret.slice(20, 60));
  }
  const above = lines.filter((line) => !/"level":"(debug|trace)"/.test(line)).join('');
  expect(above).toContain('member entered');
  expect(iceParameters.password.length).toBeGreaterThan(0);
  expect(text).not.toContain(iceParameters.password);
  expect(text).not.toContain(dtlsParameters.fingerprints[0]?.value);
});

test('not even an unexpected error that repeats what the client sent', async () => {
  const { enter, userSig, privateMapKey } = ticketsOf(new TicketIssuer({ sdkAppId, secretKey }));
  const home = new FakeHome();
  home.answer({
    openTransport: () => {
      const request = home.seat.request;
      const error = new Error(`cannot handle ${JSON.stringify(request)}, ${fakeIcePassword}`);
      throw Object.assign(error, { request, secretKey });
    },
  });
  const { ask, lines } = await loggingServer(() => home);
  await ask('enter', enter);
  expect(await ask('openTransport', { direction: 'send' })).toHaveProperty('error');
  const text = lines.join('');
  expect(text).toContain('a request failed unexpectedly');
  for (const secret of [userSig, privateMapKey, secretKey, fakeIcePassword])
    expect(text).not.toContain(secret);
});

test('demo tickets and what stands in a query leave no trace', async () => {
  const { server, lines } = await loggingServer(() => new FakeHome());
  const { userSig } = ticketsOf(new TicketIssuer({ sdkAppId, secretKey }));
  await fetch(`${server.url}/healthz?userSig=${userSig}`, {
    headers: { authorization: `Bearer ${userSig}` },
  });
  const { url } = server;
  const response = await fetch(`${url}/demo/tickets`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url },
    body: JSON.stringify({ userId: 'ana', roomId: 7, permissions: 255 }),
  });
  const tickets = (await response.json()) as { userSig: string; privateMapKey: string };
  expect(response.status).toBe(200);
  const text = lines.join('');
  expect(text).toContain('"path":"/demo/tickets"');
  for (const secret of [userSig, tickets.userSig, tickets.privateMapKey, secretKey])
    expect(text).not.toContain(secret);
});
