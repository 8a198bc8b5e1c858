import { decodeMessage, type TransportOffer } from '@roomkey/protocol';
import { UdpLink } from '@roomkey/testkit/rtp';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectReceiving, type Flow, flows } from './harness/flow.ts';
import { Stage } from './harness/stage.ts';

const WIDE = { downBitsPerSecond: 5_000_000 };
const NARROW = { downBitsPerSecond: 500_000 };

let stage: Stage;
let link: UdpLink | undefined;

beforeAll(async () => {
  stage = await Stage.open();
});

afterAll(async () => {
  link?.close();
  await stage.close();
});

/** Leads a page's media through a link: the transport that it is offered is at the link's end. */
async function throughLink(page: Page): Promise<void> {
  await page.routeWebSocket(/\/rtc$/, (client) => {
    const server = client.connectToServer();
    client.onMessage((message) => server.send(message));
    server.onMessage(async (message) => {
      const text = String(message);
      const read = decodeMessage(text);
      const offer = read.type === 'result' && (read.result as Partial<TransportOffer>);
      if (!offer || offer.iceCandidates === undefined) return client.send(text);
      link ??= await UdpLink.open(offer as TransportOffer, WIDE);
      client.send(JSON.stringify({ ...JSON.parse(text), result: link.through(offer as TransportOffer) }));
    });
  });
}

test('on a link of 500 kbit/s a watcher of a simulcast camera falls to a lower layer within 10 s, and its audio stays whole', async () => {
  const ana = await stage.member('ana');
  const bob = await stage.member('bob', {}, throughLink);
  await ana.run(async (trtc) => {
    await trtc.startLocalAudio({ option: { audioTrack: window.kit.tone() } });
    await trtc.startLocalVideo({ option: { profile: '720p', videoTrack: window.kit.picture(1280, 720) } });
  });
  await expect.poll(() => bob.heard('remote-video-available')).toHaveLength(1);
  await bob.run((trtc) =>
    trtc.startRemoteVideo({ userId: 'ana', streamType: 'main' as never, view: document.body }),
  );
  await expectReceiving(bob.page, { audio: 1, video: 1 });
  const incoming = async (kind: string, ms: number): Promise<Flow | undefined> =>
    (await flows(bob.page, ms)).find((stream) => stream.direction === 'in' && stream.kind === kind);
  const width = async () => (await incoming('video', 200))?.frameWidth ?? 0;
  await expect.poll(width, { timeout: 60_000 }).toBe(1280);

  link?.set(NARROW);
  const [audio] = await Promise.all([
    incoming('audio', 10_000),
    expect.poll(width, { timeout: 10_000 }).toBeLessThan(1280),
  ]);
  expect(audio?.packetsInWindow).toBeGreaterThan(450);
  expect(audio?.lostInWindow).toBeLessThanOrEqual(5);
  expect(await width()).toBeGreaterThan(0);
});
