import { launchChromium, type ServerProcess } from '@roomkey/testkit/launch';
import type { Browser, Page } from 'playwright-core';

/** What the pages use of the SDK's script-tag build. */
interface Trtc {
  enterRoom(options: object): Promise<void>;
  startLocalVideo(options?: object): Promise<void>;
  startRemoteVideo(options: object): Promise<void>;
  on(event: string, listener: (event: { userId: string; streamType: string }) => void): void;
}

declare global {
  interface Window {
    readonly TRTC: { create(options?: object): Trtc };
    openedAt: number | undefined;
  }
}

const roomId = 1;

/**
 * Milliseconds from the opening of a watcher's WebSocket to the first frame that its page presents, for `times` watchers
 * one after the other; each is a new page with the SDK, and receives the fake camera of the same member.
 */
export async function firstFrames(server: ServerProcess, times: number): Promise<number[]> {
  const browser = await launchChromium();
  try {
    const publisher = await openPage(browser, server);
    await publisher.evaluate(publish, entry(server, 'publisher'));
    const measured: number[] = [];
    for (let watcher = 0; watcher < times; watcher++) {
      const page = await openPage(browser, server);
      measured.push(await page.evaluate(watch, entry(server, `watcher_${watcher}`)));
      await page.context().close();
    }
    return measured;
  } finally {
    await browser.close();
  }
}

/** An empty page of the server's origin with the SDK, which notes when its WebSocket opens. */
async function openPage(browser: Browser, server: ServerProcess): Promise<Page> {
  const page = await (await browser.newContext({ bypassCSP: true })).newPage();
  await page.addInitScript(() => {
    const Original = window.WebSocket;
    window.WebSocket = class extends Original {
      constructor(url: string | URL, protocols?: string | string[]) {
        super(url, protocols);
        this.addEventListener('open', () => {
          window.openedAt ??= performance.now();
        });
      }
    };
  });
  await page.goto(`${server.url}/healthz`);
  await page.addScriptTag({ url: `${server.url}/sdk/roomkey.js` });
  return page;
}

const entry = ({ application, issuer }: ServerProcess, userId: string) => ({
  sdkAppId: application.sdkAppId,
  userId,
  userSig: issuer.genUserSig(userId, 600),
  privateMapKey: issuer.genPrivateMapKey(userId, 600, roomId, 255),
  scene: 'rtc',
  roomId,
});

/** Runs in the page. */
async function publish(options: object): Promise<void> {
  const trtc = window.TRTC.create();
  await trtc.enterRoom(options);
  await trtc.startLocalVideo();
}

/** Runs in the page. */
function watch(options: object): Promise<number> {
  return new Promise((resolve, reject) => {
    const view = document.createElement('div');
    view.style.cssText = 'width: 320px; height: 180px';
    document.body.append(view);
    // As soon as there is an element: the first frame may come before the SDK has said that it plays.
    new MutationObserver(() => {
      view
        .querySelector('video')
        ?.requestVideoFrameCallback((now) => resolve(now - (window.openedAt ?? Number.NaN)));
    }).observe(view, { childList: true, subtree: true });
    const trtc = window.TRTC.create();
    trtc.on('remote-video-available', ({ userId, streamType }) => {
      trtc.startRemoteVideo({ userId, streamType, view }).catch(reject);
    });
    trtc.enterRoom(options).catch(reject);
  });
}
