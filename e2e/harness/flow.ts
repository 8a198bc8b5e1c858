import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import type { StreamCount } from '../page/flow.ts';
import type { PageKit } from '../page/main.ts';

declare global {
  interface Window {
    readonly kit: PageKit;
  }
}

/** Packets of one stream in one second that count as media. */
const FLOWING = 20;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const read = (page: Page) => page.evaluate(() => window.kit.streams());

/** What a stream did during a window. */
export interface Flow extends StreamCount {
  readonly packetsInWindow: number;
  readonly framesInWindow: number;
  readonly energyInWindow: number;
  readonly lostInWindow: number;
  readonly resentInWindow: number;
  readonly samplesInWindow: number;
  readonly concealedInWindow: number;
}

/** What every stream of a page does during `ms`. */
export async function flows(page: Page, ms: number): Promise<Flow[]> {
  const before = new Map((await read(page)).map((stream) => [`${stream.direction}${stream.ssrc}`, stream]));
  await pause(ms);
  return (await read(page)).map((stream) => {
    const old = before.get(`${stream.direction}${stream.ssrc}`);
    return {
      ...stream,
      packetsInWindow: stream.packets - (old?.packets ?? 0),
      framesInWindow: stream.frames - (old?.frames ?? 0),
      energyInWindow: stream.energy - (old?.energy ?? 0),
      lostInWindow: stream.lost - (old?.lost ?? 0),
      resentInWindow: stream.resent - (old?.resent ?? 0),
      samplesInWindow: stream.samples - (old?.samples ?? 0),
      concealedInWindow: stream.concealed - (old?.concealed ?? 0),
    };
  });
}

/**
 * Waits until a page receives so many sounds and pictures: packets in a second, and energy or decoded frames over two. `within` is
 * in milliseconds.
 */
export async function expectReceiving(
  page: Page,
  wanted: { audio?: number; video?: number },
  within = 30_000,
): Promise<void> {
  await expect
    .poll(
      async () => {
        const incoming = (await flows(page, 2000)).filter(({ direction }) => direction === 'in');
        const alive = incoming.filter(({ packetsInWindow }) => packetsInWindow >= 2 * FLOWING);
        const audio = alive.filter(
          ({ kind, energyInWindow }) => kind === 'audio' && energyInWindow > 0,
        ).length;
        const video = alive.filter(
          ({ kind, framesInWindow }) => kind === 'video' && framesInWindow > 0,
        ).length;
        return { audio, video };
      },
      { timeout: within },
    )
    .toEqual({ audio: 0, video: 0, ...wanted });
}

/**
 * Holds that nothing of a kind reaches `receiver` while `sender` really sends it: for a second, and longer
 * where the sender's own counter needs longer to rise by twenty packets.
 */
export async function expectStopped(sender: Page, receiver: Page, kind: 'audio' | 'video'): Promise<void> {
  const packets = async (page: Page, direction: 'in' | 'out') =>
    (await read(page))
      .filter((stream) => stream.direction === direction && stream.kind === kind)
      .reduce((sum, stream) => sum + stream.packets, 0);
  const before = { sent: await packets(sender, 'out'), received: await packets(receiver, 'in') };
  await pause(1000);
  await expect
    .poll(async () => (await packets(sender, 'out')) - before.sent, { timeout: 20_000 })
    .toBeGreaterThanOrEqual(FLOWING);
  expect((await packets(receiver, 'in')) - before.received).toBe(0);
}
