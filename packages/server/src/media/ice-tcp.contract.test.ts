import type { Socket } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { bindingRequest, framed, iceOverTcp } from './ice-tcp.fixture.ts';
import { MediasoupPlane } from './index.ts';

const CONSENT_SECONDS = 2;

/** A plane, and a transport in it whose peer comes over TCP. */
async function start() {
  const plane = await MediasoupPlane.create({
    workerBin: process.env['ROOMKEY_WORKER_BIN'],
    listenIp: '127.0.0.1',
    workers: 1,
    consentSeconds: CONSENT_SECONDS,
  });
  onTestFinished(() => plane.close());
  const lost: string[] = [];
  plane.listen({
    placeLost: () => {},
    available: () => {},
    bitrateExceeded: () => {},
    keyFramesExceeded: () => {},
    pictureWaits: () => {},
    pictureFrozen: () => {},
    transportLost: (_room, transportId) => lost.push(transportId),
  });
  const place = plane.place('room');
  const transport = { kind: 'webrtc', place, room: 'room', transportId: 'sent', direction: 'send' } as const;
  const offer = await plane.openTransport(transport);
  return { plane, lost, offer };
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test('a peer on TCP whose connection ends keeps its transport, and comes back by an ICE restart', async () => {
  const { plane, lost, offer } = await start();
  const first = await iceOverTcp(offer, offer.iceParameters);
  first.destroy();
  await pause(500);
  expect(lost).toEqual([]);
  const again = await plane.restartIce('sent');
  expect(again.usernameFragment).not.toBe(offer.iceParameters.usernameFragment);
  const second = await iceOverTcp(offer, again);
  // Checks go on, as those of a client do.
  for (let times = 0; times < 6; times++) {
    await pause((CONSENT_SECONDS * 1000) / 4);
    second.write(framed(bindingRequest(again)));
  }
  expect(lost).toEqual([]);
});

test('a peer on TCP that does not come back is lost, whether its connection ends or falls silent', async () => {
  // The engine itself waits ten seconds at least before it calls a connection silent.
  const longest = 10_000 + 2 * CONSENT_SECONDS * 1000;
  for (const end of [(socket: Socket) => socket.destroy(), () => {}]) {
    const { lost, offer } = await start();
    end(await iceOverTcp(offer, offer.iceParameters));
    await vi.waitFor(() => expect(lost).toEqual(['sent']), longest);
  }
});
