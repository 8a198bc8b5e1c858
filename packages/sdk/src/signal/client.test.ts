import { expect, test } from 'vitest';
import { FakeTimers, settled } from '../platform/fake-platform.fixture.ts';
import type { SocketEvents } from '../platform/platform.ts';
import { SignalClient } from './client.ts';
import { ScriptedServer } from './scripted-server.fixture.ts';

function connected(server = new ScriptedServer()) {
  const timers = new FakeTimers();
  const notices: string[] = [];
  let lost = 0;
  let socket: SocketEvents | undefined;
  const client = new SignalClient(
    (events) => {
      socket = events;
      return server.openSocket('ws://rooms.test/rtc', events);
    },
    timers,
    { onNotice: ({ method }) => notices.push(method), onLost: () => (lost += 1) },
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
