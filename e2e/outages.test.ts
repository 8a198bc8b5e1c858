import { type Link, type LinkState, Network } from '@roomkey/testkit/network';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { exchange } from './harness/exchange.ts';
import { expectReceiving, flows } from './harness/flow.ts';
import type { SdkMember } from './harness/sdk-member.ts';
import { Stage } from './harness/stage.ts';

const obstacle = await Network.obstacle();
if (obstacle !== undefined) console.warn(`Tests of outages are skipped: ${obstacle}`);

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Milliseconds until sound and pictures are back. Alone on a computer they take less than three seconds. */
const BACK_MS = 15_000;

const up: LinkState = { up: { cut: true } };
const down: LinkState = { down: { cut: true } };

describe.skipIf(obstacle !== undefined)('two members behind one link', () => {
  let network: Network;
  let link: Link;
  let stage: Stage;
  let members: SdkMember[];

  beforeAll(async () => {
    network = await Network.open();
    link = await network.link();
    stage = await Stage.open({ network, at: link });
    members = [await stage.member('ana'), await stage.member('bob')];
    await exchange(members);
  });

  afterEach(() => link.set({}));

  afterAll(async () => {
    await stage.close();
    network.close();
  });

  /** Each receives the other's sound and picture. */
  const expectMedia = (within?: number) =>
    Promise.all(members.map(({ page }) => expectReceiving(page, { audio: 1, video: 1 }, within)));

  /** Pictures that members got in a second. */
  async function newFrames(): Promise<number> {
    const received = await Promise.all(members.map(({ page }) => flows(page, 1000)));
    return received
      .flat()
      .filter(({ direction }) => direction === 'in')
      .reduce((sum, { framesInWindow }) => sum + framesInWindow, 0);
  }

  const entries = () => stage.server.output.split('"msg":"member entered"').length - 1;

  /** Nobody has left, and nobody has entered again. */
  async function expectSameStay(): Promise<void> {
    for (const member of members) {
      expect(await member.heard('error')).toEqual([]);
      expect(await member.heard('remote-user-exit')).toEqual([]);
    }
    expect(entries()).toBe(members.length);
  }

  test.each([
    ['upwards', 5, up],
    ['downwards', 5, down],
    ['both ways', 5, { ...up, ...down }],
    ['upwards', 20, up],
  ] as const)(
    'which is cut %s for %i s stay in the room, and sound and pictures come back',
    async (_, seconds, cut) => {
      link.set(cut);
      await pause((seconds - 1) * 1000);
      expect(await newFrames()).toBe(0);
      link.set({});
      await expectMedia(BACK_MS);
      await expectSameStay();
    },
  );

  test('which gets another address stay in the room, and sound and pictures come back', async () => {
    await expectMedia();
    link.changeAddress();
    await expectMedia(BACK_MS);
    await expectSameStay();
  });
});
