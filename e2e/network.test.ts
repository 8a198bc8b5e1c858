import { type Link, Network } from '@roomkey/testkit/network';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { exchange } from './harness/exchange.ts';
import { expectReceiving, flows } from './harness/flow.ts';
import type { SdkMember } from './harness/sdk-member.ts';
import { Stage } from './harness/stage.ts';

const obstacle = await Network.obstacle();
if (obstacle !== undefined) console.warn(`Tests of bad networks are skipped: ${obstacle}`);

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe.skipIf(obstacle !== undefined)('on a link that', () => {
  let network: Network;
  let link: Link;
  let good: Stage;
  let bad: Stage;

  beforeAll(async () => {
    network = await Network.open();
    good = await Stage.open({ network });
    link = await network.link(100);
    bad = await good.at(link);
  });

  afterEach(async () => {
    link.set({});
    await Promise.all([good.clear(), bad.clear()]);
  });

  afterAll(async () => {
    await bad.close();
    await good.close();
    network.close();
  });

  /** `ana` on a good link and `bob` on the bad one send each other a sound and a picture. */
  async function call(roomId: number): Promise<[SdkMember, SdkMember]> {
    const members: [SdkMember, SdkMember] = [
      await good.member('ana', { roomId }),
      await bad.member('bob', { roomId }),
    ];
    await exchange(members);
    for (const { page } of members) await expectReceiving(page, { audio: 1, video: 1 });
    return members;
  }

  const incoming = async ({ page }: SdkMember, kind: 'audio' | 'video', ms: number) => {
    const all = (await flows(page, ms)).filter((flow) => flow.direction === 'in' && flow.kind === kind);
    return all.at(-1);
  };

  test('loses every twentieth packet both ways, pictures move and sound is what was sent', async () => {
    const members = await call(61);
    const [, bob] = members;
    link.set({ up: { loss: 0.05 }, down: { loss: 0.05 } });
    await pause(3000);
    await Promise.all(
      members.map(async (member) => {
        const [sound, picture] = await Promise.all([
          incoming(member, 'audio', 10_000),
          incoming(member, 'video', 10_000),
        ]);
        expect(sound?.samplesInWindow).toBeGreaterThan(0);
        // Of some 500 packets 25 get lost, and nearly all of them come when they are sent again.
        expect(sound?.lostInWindow).toBeLessThan(10);
        // Even on a busy computer. It is nearly five percent without sending again, and when the sound does not wait for what is sent again.
        expect((sound?.concealedInWindow ?? 0) / (sound?.samplesInWindow ?? 0)).toBeLessThan(0.02);
        if (member === bob) expect(picture?.resentInWindow).toBeGreaterThan(0);
        expect(picture?.framesInWindow).toBeGreaterThan(20);
      }),
    );
  });

  test('lets no UDP through any more, sound and pictures go on over TCP', async () => {
    const [ana, bob] = await call(64);
    link.set({ up: { noUdp: true }, down: { noUdp: true } });
    await pause(2000);
    for (const { page } of [ana, bob]) await expectReceiving(page, { audio: 1, video: 1 });
    expect(await bob.heard('error')).toEqual([]);
  });
});
