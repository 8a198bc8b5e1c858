import type { Socket } from 'node:dgram';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { MediasoupPlane } from '../index.ts';

/*
 * What waits in a worker's queue cannot be seen from outside, and loopback is never slow. So the worker's answer is held back
 * on its way here, as it is when it waits behind packets: `npm run bench:revoke` has a link that is really too slow.
 */

/** The way from a worker to this process, for what it answers over its media port. */
class HeldAnswers {
  hold = false;
  readonly #held: (() => void)[] = [];

  constructor(socket: Socket) {
    const emit = socket.emit.bind(socket) as (...args: unknown[]) => boolean;
    const hold = (...args: unknown[]) => {
      if (args[0] !== 'message' || !this.hold) return emit(...args);
      this.#held.push(() => emit(...args));
      return true;
    };
    Object.assign(socket, { emit: hold });
  }

  get count(): number {
    return this.#held.length;
  }

  release(): void {
    this.hold = false;
    for (const go of this.#held.splice(0)) go();
  }
}

let answers: HeldAnswers;
let plane: MediasoupPlane;
let lost: string[];
let logged: string[];

beforeEach(async () => {
  const sockets: Socket[] = [];
  const made = (message: unknown) => void sockets.push((message as { socket: Socket }).socket);
  subscribe('udp.socket', made);
  logged = [];
  lost = [];
  plane = await MediasoupPlane.create({
    workerBin: process.env['ROOMKEY_WORKER_BIN'],
    listenIp: '127.0.0.1',
    workers: 1,
    log: (_level, message) => logged.push(message),
  });
  unsubscribe('udp.socket', made);
  const [socket] = sockets;
  if (!socket) throw new Error('nothing is asked over the media port');
  answers = new HeldAnswers(socket);
  plane.listen({
    placeLost: ({ placeId }) => lost.push(placeId),
    available: () => {},
    bitrateExceeded: () => {},
    keyFramesExceeded: () => {},
    pictureWaits: () => {},
    pictureFrozen: () => {},
    transportLost: () => {},
  });
});

afterEach(() => plane.close());

test('what is closed is confirmed once the worker has answered over its media port too, however often it is asked', async () => {
  const place = plane.place('room');
  await plane.confirmClosed(place);
  answers.hold = true;
  let confirmed = false;
  const done = plane.confirmClosed(place).then(() => {
    confirmed = true;
  });
  await vi.waitFor(() => expect(answers.count).toBeGreaterThan(2), { timeout: 10_000 });
  expect(confirmed).toBe(false);
  answers.release();
  await done;
  expect(lost).toEqual([]);
});

test('a worker in which packets wait for five seconds is killed, and another one takes its place', async () => {
  const place = plane.place('room');
  answers.hold = true;
  await plane.confirmClosed(place);
  expect(logged).toContain('a media worker cannot send what waits in it and is killed');
  await vi.waitFor(() => expect(lost).toEqual([place.placeId]), { timeout: 10_000 });
  await vi.waitFor(() => expect(plane.ready).toBe(true), { timeout: 10_000 });
}, 30_000);
