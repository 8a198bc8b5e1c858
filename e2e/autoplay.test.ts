import { afterAll, beforeAll, expect, test } from 'vitest';
import { Stage } from './harness/stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await Stage.open({ autoplay: false });
});

afterAll(() => stage.close());

test('where the browser does not let sound play, the app is told, and resume plays it after a click', async () => {
  const ana = await stage.member('ana');
  await ana.page.mouse.click(5, 5);
  await ana.run((trtc) => trtc.startLocalAudio({ option: { audioTrack: window.kit.tone() } }));
  const bob = await stage.member('bob');
  await expect
    .poll(() => bob.heard('autoplay-failed'), { timeout: 20_000 })
    .toEqual([{ userId: 'ana', mediaType: 'audio', resume: 'function' }]);
  const playing = () =>
    bob.page.evaluate(() => [...document.querySelectorAll('audio')].filter(({ paused }) => !paused).length);
  expect(await playing()).toBe(0);
  await bob.page.mouse.click(5, 5);
  await bob.resumeAutoplay();
  await expect.poll(playing).toBe(1);
});
