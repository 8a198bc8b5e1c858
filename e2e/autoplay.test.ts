import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Stage } from './harness/stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await Stage.open({ autoplay: false });
});

afterAll(() => stage.close());

/**
 * Runs an expression in a page as if nobody had touched it. Playwright's own `evaluate` counts as a gesture
 * of the user, after which Chromium lets sound play.
 */
async function untouched(page: Page, expression: string): Promise<unknown> {
  const session = await page.context().newCDPSession(page);
  const { result, exceptionDetails } = await session.send('Runtime.evaluate', {
    expression: `(async () => { ${expression} })()`,
    awaitPromise: true,
    returnByValue: true,
    userGesture: false,
  });
  await session.detach();
  if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
  return result.value;
}

test('where the browser does not let sound play, the app is told, and resume plays it after a click', async () => {
  const ana = await stage.member('ana');
  await ana.run((trtc) => trtc.startLocalAudio({ option: { audioTrack: window.kit.tone() } }));

  const page = await stage.blankPage();
  await untouched(
    page,
    `const script = Object.assign(document.createElement('script'), { src: '/sdk/roomkey.js' });
     const loaded = new Promise((resolve) => script.addEventListener('load', resolve));
     document.head.append(script);
     await loaded;
     window.failures = [];
     const trtc = TRTC.create({ enableAutoPlayDialog: false });
     trtc.on('autoplay-failed', (failure) => window.failures.push(failure));
     window.states = [];
     trtc.on('audio-play-state-changed', ({ state }) => window.states.push(state));
     await trtc.enterRoom(${JSON.stringify(stage.entry('bob'))});`,
  );
  const failures = () =>
    untouched(page, 'return failures.map(({ userId, mediaType }) => ({ userId, mediaType }))');
  await expect.poll(failures, { timeout: 20_000 }).toEqual([{ userId: 'ana', mediaType: 'audio' }]);
  const states = () => untouched(page, 'return states');
  expect(await states()).not.toContain('PLAYING');

  await page.mouse.click(5, 5);
  await untouched(page, 'await Promise.all(failures.map((failure) => failure.resume()))');
  await expect.poll(states).toContain('PLAYING');
});
