import { expect, test } from 'vitest';
import { FakeTimers, settled } from '../platform/fake-platform.fixture.ts';
import type { SocketEvents } from '../platform/platform.ts';
import { SignalClient } from './client.ts';
import { ScriptedServer } from './scripted-server.fixture.ts';
import { TokenBucket } from './token-bucket.ts';

function connected(
  server = new ScriptedServer(),
  timers = new FakeTimers(),
  changes = new TokenBucket(timers),
) {
  const notices: string[] = [];
  let lost = 0;
  let socket: SocketEvents | undefined;
  const client = new SignalClient(
    (events) => {
      socket = events;
      return server.openSocket('ws://rooms.test/rtc', events);
    },
    timers,
    changes,
    {
      onOpen: () => {},
      onAnswer: () => {},
      onNotice: ({ method }) => notices.push(method),
      onLost: () => (lost += 1),
    },
  );
  return {
    server,
    timers,
    client,
    notices,
    lost: () => lost,
    hear: (text: string) => socket?.onMessage(text),
  };
}

test('the server speaks first', async () => {
  const { client } = connected();
  expect(await client.welcome).toMatchObject({ protocol: 1 });
});

test('answers find their request, whatever their order', async () => {
  const { client, server } = connected();
  server.refuse('unpublish', 'trackUnknown');
  const refused = client.request('unpublish', { trackId: 't' });
  const answered = client.request('openTransport', { direction: 'recv' });
  await expect(refused).rejects.toMatchObject({ code: 'trackUnknown' });
  expect((await answered).direction).toBe('recv');
});

test('an answer that stays out means the connection is dead', async () => {
  const { client, server, timers, lost } = connected();
  await client.welcome;
  server.silent.add('exit');
  const asked = client.request('exit', {});
  timers.advance(10_000);
  await expect(asked).rejects.toMatchObject({ code: 'connectionLost' });
  expect(lost()).toBe(1);
  expect(server.connections).toBe(0);
});

test('a server that says nothing is no connection', async () => {
  const { client, timers, lost } = connected();
  timers.advance(10_000);
  await expect(client.welcome).rejects.toMatchObject({ code: 'connectionLost' });
  expect(lost()).toBe(1);
});

test('a loss rejects what waits, once, and later requests at once', async () => {
  const { client, server, timers, lost } = connected();
  await client.welcome;
  const asked = client.request('exit', {});
  server.drop();
  server.drop();
  await expect(asked).rejects.toMatchObject({ code: 'connectionLost' });
  await expect(client.request('exit', {})).rejects.toMatchObject({ code: 'connectionLost' });
  expect(lost()).toBe(1);
  expect(timers.waiting).toBe(0);
});

test('closing is no loss', async () => {
  const { client, lost, timers } = connected();
  client.close();
  await settled();
  expect(lost()).toBe(0);
  expect(timers.waiting).toBe(0);
});

test('what is not understood is passed over, what is no message ends the connection', async () => {
  const { client, hear, notices, lost } = connected();
  await client.welcome;
  hear(JSON.stringify({ jsonrpc: '2.0', method: 'fromTheFuture', params: {} }));
  hear(JSON.stringify({ jsonrpc: '2.0', method: 'memberLeft', params: { userId: 7 } }));
  hear(JSON.stringify({ jsonrpc: '2.0', method: 'mediaLost', params: { trackIds: [] } }));
  expect(notices).toEqual(['mediaLost']);
  hear('<html>');
  expect(lost()).toBe(1);
});

/** A client whose server takes five changes a second, and which has sent as many at once as it may. */
async function hurried(server = new ScriptedServer()) {
  server.limits.changesPerSecond = 5;
  const timers = new FakeTimers();
  const changes = new TokenBucket(timers);
  const client = connected(server, timers, changes);
  await client.client.welcome;
  const first = Array.from({ length: 10 }, (_, index) =>
    client.client.request('unpublish', { trackId: `first ${index}` }),
  );
  await Promise.all(first);
  const names = () => server.asked.slice(10).map(({ method }) => method);
  return { ...client, changes, names };
}

test('a change above the rate of the server waits for its turn instead of being refused', async () => {
  const { client, timers, names } = await hurried();
  const roles = [1, 2].map(() => client.request('switchRole', { role: 'anchor' }));
  timers.advance(199);
  expect(names()).toEqual([]);
  timers.advance(1);
  expect(names()).toEqual(['switchRole']);
  timers.advance(200);
  expect(names()).toEqual(['switchRole', 'switchRole']);
  await Promise.all(roles);
  expect(timers.waiting).toBe(0);
});

test('changes leave in the order of the calls, and other requests do not wait for them', async () => {
  const { client, timers, names } = await hurried();
  const asked = [
    client.request('unpublish', { trackId: 'a' }),
    client.request('switchRole', { role: 'audience' }),
    client.request('subscribe', { userId: 'bob', slot: 'camera' }),
  ];
  expect(names()).toEqual(['subscribe']);
  timers.advance(200);
  timers.advance(200);
  expect(names()).toEqual(['subscribe', 'unpublish', 'switchRole']);
  await Promise.all(asked);
});

test('mute changes of one track that wait become one, with the newest value', async () => {
  const { client, server, timers, names } = await hurried();
  const mute = (trackId: string, muted: boolean) => client.request('setMuted', { trackId, muted });
  const asked = [mute('a', true), mute('b', true), mute('a', false), mute('a', true), mute('a', false)];
  timers.advance(200);
  timers.advance(200);
  timers.advance(200);
  await Promise.all(asked);
  expect(server.askedFor('setMuted')).toEqual([
    { trackId: 'a', muted: false },
    { trackId: 'b', muted: true },
  ]);
  expect(names()).toHaveLength(2);
  // What has left is never changed: the next one is a request of its own.
  timers.advance(1000);
  await mute('a', true);
  expect(server.askedFor('setMuted')).toHaveLength(3);
});

test('a connection that resumes a seat continues the count of the one before', async () => {
  const { client, server, timers, changes } = await hurried();
  client.close();
  const next = connected(server, timers, changes);
  await next.client.welcome;
  const asked = next.client.request('unpublish', { trackId: 'next' });
  expect(server.askedFor('unpublish')).toHaveLength(10);
  timers.advance(200);
  await asked;
  expect(server.askedFor('unpublish')).toHaveLength(11);
});

test('leaving does not wait for changes, which are not sent any more', async () => {
  const { client, timers, names } = await hurried();
  const change = client.request('switchRole', { role: 'anchor' });
  await client.request('exit', {});
  expect(names()).toEqual(['exit']);
  expect(timers.waiting).toBe(0);
  client.close();
  await expect(change).rejects.toMatchObject({ code: 'connectionLost' });
});

test('a server that names no rate of changes gets them at once', async () => {
  const server = new ScriptedServer();
  server.limits.changesPerSecond = undefined;
  const { client } = connected(server);
  await client.welcome;
  const asked = Array.from({ length: 100 }, () => client.request('switchRole', { role: 'anchor' }));
  expect(server.askedFor('switchRole')).toHaveLength(100);
  await Promise.all(asked);
});
