import { expect, test } from 'vitest';
import { planSockets } from './socket-bounds.ts';

test('as many WebSockets as wanted, and a quarter more connections for everything else', () => {
  expect(planSockets(10_000, {})).toEqual({ sockets: 12_500, webSockets: 10_000 });
  expect(planSockets(10_000, { fileLimit: 1_048_576 })).toEqual({ sockets: 12_500, webSockets: 10_000 });
  expect(planSockets(20, {})).toEqual({ sockets: 120, webSockets: 20 });
});

test('the sockets leave descriptors for the files of the server, and for its workers', () => {
  expect(planSockets(10_000, { fileLimit: 1024 })).toEqual({ sockets: 768, webSockets: 614 });
  expect(planSockets(10_000, { fileLimit: 1024, workers: 32 })).toEqual({ sockets: 512, webSockets: 409 });
});
