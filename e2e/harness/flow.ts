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
    };
  });
}

/** Waits until a page receives so many sounds and pictures: packets in a second, and energy or decoded frames over two. */
export async function expectReceiving(page: Page, wanted: { audio?: number; video?: number }): Promise<void> {
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
      { timeout: 30_000 },
    )
    .toEqual({ audio: 0, video: 0, ...wanted });
}

/**
 * Holds that nothing of a kind reaches `receiver` in a second in which `sender` really sends it:
 * the sender's own counter rises.
 */
export async function expectStopped(sender: Page, receiver: Page, kind: 'audio' | 'video'): Promise<void> {
  const [sent, received] = await Promise.all([flows(sender, 1000), flows(receiver, 1000)]);
  const out = sent.filter((stream) => stream.direction === 'out' && stream.kind === kind);
  expect(Math.max(0, ...out.map(({ packetsInWindow }) => packetsInWindow))).toBeGreaterThanOrEqual(FLOWING);
  const incoming = received.filter((stream) => stream.direction === 'in' && stream.kind === kind);
  expect(incoming.map(({ packetsInWindow }) => packetsInWindow).filter(Boolean)).toEqual([]);
}
