import { Network } from '@roomkey/testkit/network';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectReceiving } from './harness/flow.ts';
import { Stage } from './harness/stage.ts';

const obstacle = await Network.obstacle();
if (obstacle !== undefined) console.warn(`The test of a second network is skipped: ${obstacle}`);

/** Where a path is wrongly taken for silent, it is restarted every five or six seconds. */
const QUIET_MS = 15_000;

describe.skipIf(obstacle !== undefined)('a member whose second network does not reach the server', () => {
  let network: Network;
  let stage: Stage;

  beforeAll(async () => {
    network = await Network.open();
    const link = await network.link();
    const run = (...words: string[]) => link.namespace.run('ip', ...words);
    run('link', 'add', 'second', 'type', 'veth', 'peer', 'name', 'nowhere');
    run('addr', 'add', '192.168.77.2/24', 'dev', 'second');
    for (const device of ['second', 'nowhere']) run('link', 'set', device, 'up');
    stage = await Stage.open({ network, at: link });
  });

  afterAll(async () => {
    await stage.close();
    network.close();
  });

  test('keeps its path while nothing has to come over it', async () => {
    let restarts = 0;
    const ana = await stage.member('ana');
    const bob = await stage.member('bob', {}, async (page) => {
      page.on('websocket', (socket) =>
        socket.on('framesent', ({ payload }) => {
          if (String(payload).includes('"restartIce"')) restarts += 1;
        }),
      );
    });
    // Chromium uses every network only for a page that may use the microphone.
    await bob.run((trtc) => trtc.startLocalAudio());
    await ana.run((trtc) => trtc.startLocalAudio({ option: { audioTrack: window.kit.tone() } }));
    await expectReceiving(bob.page, { audio: 1 });
    await ana.run((trtc) => trtc.exitRoom());
    restarts = 0;
    await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
    expect(restarts).toBe(0);
  });
});
