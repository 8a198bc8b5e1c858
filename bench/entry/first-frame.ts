import { launchChromium, type ServerProcess } from '@roomkey/testkit/launch';
import type { Browser, Page } from 'playwright-core';
import { Child } from '../child.ts';
import { clientCore } from '../cores.ts';
import type {} from '../page-sdk.ts';
import type { ComingWatcherMethods } from './coming-watchers.ts';

declare global {
  interface Window {
    openedAt: number | undefined;
  }
}

const roomId = 1;

/** More watchers come one after the other than are inside at the same time. */
const comingUsers = 100;
/** Ten a second. */
const comingEveryMs = 100;

/** Milliseconds from the opening of a watcher's WebSocket to the first frame that its page presents, for each watcher. */
interface FirstFrames {
  /** While nobody else comes. */
  readonly idle: number[];
  /** While ten other watchers come each second, and receive the same camera. */
  readonly busy: number[];
}

/**
 * Lets `times` watchers wait for their first frame, one after the other, and as many again while others come. Each is a new page
 * with the SDK, and receives the fake camera of the same member.
 */
export async function firstFrames(server: ServerProcess, times: number): Promise<FirstFrames> {
  const others = new Child<ComingWatcherMethods>(new URL('coming-watchers.ts', import.meta.url), {
    core: clientCore,
  });
  const browser = await launchChromium();
  try {
    const publisher = await openPage(browser, server);
    await publisher.evaluate(publish, entry(server, 'publisher'));
    const measure = async (name: string) => {
      const measured: number[] = [];
      for (let watcher = 0; watcher < times; watcher++) {
        const page = await openPage(browser, server);
        measured.push(await page.evaluate(watch, entry(server, `${name}_${watcher}`)));
        await page.context().close();
      }
      return measured;
    };
    const idle = await measure('idle');
    const url = `${server.url.replace(/^http:\/\/\w+/, 'ws://127.0.0.1')}/rtc`;
    const entries = Array.from({ length: comingUsers }, (_, i) => {
      const { scene: _scene, ...signed } = entry(server, `coming_${i}`);
      return { url, entry: signed };
    });
    await others.call('begin', { entries, everyMs: comingEveryMs });
    const busy = await measure('busy');
    await others.call('end');
    return { idle, busy };
  } finally {
    await browser.close();
    await others.end();
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
