import { setTimeout as sleep } from 'node:timers/promises';
import { closeCodes } from '@roomkey/protocol';
import { launchChromium, type ServerProcess } from '@roomkey/testkit/launch';
import type { Browser, Page } from 'playwright-core';
import { installFramePage } from './frame-page.ts';

/** What somebody publishes. */
type Source = { readonly profile: string; readonly codec: string } | 'screen';

/** Milliseconds until the first frame, each time. */
export interface Waits {
  readonly row: string;
  readonly waits: readonly number[];
}

const profiles = ['120p', '240p', '480p', '720p'] as const;
const codecs = ['VP8', 'VP9', 'H264'] as const;

/** Every bit, and every bit but the one to receive video. */
const [everything, noPicture] = [255, 255 - 32] as const;

const nowhere = { atLeast: 0 };

/**
 * How long a watcher waits for a newly received frame, from the moment at which the server accepts the occasion. Everybody is a
 * page of one Chromium on the server's computer.
 */
export class Occasions {
  readonly #server: ServerProcess;
  readonly #browser: Browser;
  readonly #times: number;
  #rooms = 100;
  #users = 0;

  private constructor(server: ServerProcess, browser: Browser, times: number) {
    this.#server = server;
    this.#browser = browser;
    this.#times = times;
  }

  /** Measures each occasion so many times. `tell` hears of each row. */
  static async measure(
    server: ServerProcess,
    times: number,
    tell: (waits: Waits) => void,
  ): Promise<readonly Waits[]> {
    const browser = await launchChromium();
    try {
      const occasions = new Occasions(server, browser, times);
      const rows: Waits[] = [];
      for await (const waits of occasions.#all()) {
        rows.push(waits);
        tell(waits);
      }
      return rows;
    } finally {
      await browser.close();
    }
  }

  async *#all(): AsyncGenerator<Waits> {
    for (const codec of codecs)
      for (const profile of profiles) yield this.#entries(`entry, ${profile} ${codec}`, { profile, codec });
    yield this.#entries('entry, screen', 'screen');
    for (const profile of ['240p', '480p']) yield* this.#later({ profile, codec: 'VP8' });
  }

  async #entries(row: string, source: Source): Promise<Waits> {
    const room = ++this.#rooms;
    const publisher = await this.#publisher(room, source);
    const waits: number[] = [];
    for (let time = 0; time < this.#times; time++) {
      const watcher = await this.#watcher(room);
      const accepted = await heard(watcher, 'enter', 0);
      waits.push((await frame(watcher, accepted)) - accepted);
      await watcher.context().close();
    }
    await publisher.context().close();
    return { row, waits };
  }

  /** What happens to somebody who has been inside for a while. */
  async *#later(source: Source & object): AsyncGenerator<Waits> {
    const room = ++this.#rooms;
    const publisher = await this.#publisher(room, source);
    const watcher = await this.#watcher(room);
    await frame(watcher, 0);
    const again = async (name: string, occasion: () => Promise<number>): Promise<Waits> => {
      const waits: number[] = [];
      for (let time = 0; time < this.#times; time++) {
        // What the time before has set off is over then: requests for key frames, estimates, encodings that begin.
        await sleep(4000);
        waits.push(await occasion());
      }
      return { row: `${name}, ${source.profile} ${source.codec}`, waits };
    };
    const answered = async (
      method: string,
      ask: () => Promise<unknown>,
      at = watcher,
      width: Width = nowhere,
    ) => {
      const before = now();
      await ask();
      const accepted = await heard(at, method, before);
      return (await frame(watcher, accepted, width)) - accepted;
    };

    yield again('second subscription at once', async () => {
      await receive(watcher, false);
      return answered('subscribe', () => receive(watcher, true));
    });
    yield again('second subscription after 5 s', async () => {
      await receive(watcher, false);
      await sleep(5000);
      return answered('subscribe', () => receive(watcher, true));
    });
    if (source.profile === '480p') {
      // There is one encoding in a smaller picture, so nothing to change to.
      yield again('lower layer', async () => {
        const wait = await answered('subscribe', () => prefer(watcher, true), watcher, { below: 640 });
        await prefer(watcher, false);
        await frame(watcher, now(), { atLeast: 640 });
        return wait;
      });
      yield again('upper layer', async () => {
        await prefer(watcher, true);
        await frame(watcher, now(), { below: 640 });
        await sleep(2000);
        return answered('subscribe', () => prefer(watcher, false), watcher, { atLeast: 640 });
      });
    }
    yield again('unmute', async () => {
      await mute(publisher, true);
      await sleep(1000);
      return answered('setMuted', () => mute(publisher, false), publisher);
    });
    yield again('grant', async () => {
      await this.#show(watcher, room, noPicture);
      await sleep(1000);
      return answered('updatePrivateMapKey', () => this.#show(watcher, room, everything));
    });
    yield again('resume', () =>
      answered('resume', () => watcher.evaluate((code) => window.framePage.cut(code), closeCodes.comingBack)),
    );
    yield again('worker death', async () => {
      const before = now();
      for (const pid of await this.#server.workerPids()) process.kill(pid, 'SIGKILL');
      const lost = await heard(watcher, 'mediaLost', before);
      return (await frame(watcher, lost)) - before;
    });
    await Promise.all([publisher.context().close(), watcher.context().close()]);
  }

  async #publisher(room: number, source: Source): Promise<Page> {
    const page = await this.#page(room, 'publisher', everything);
    await page.evaluate((what) => window.framePage.publish(what), source);
    // Until its encodings run, and the engine knows how they belong together.
    await sleep(5000);
    return page;
  }

  async #watcher(room: number): Promise<Page> {
    return this.#page(room, `watcher_${++this.#users}`, everything, true);
  }

  async #page(room: number, userId: string, bits: number, receives = false): Promise<Page> {
    const page = await (await this.#browser.newContext({ bypassCSP: true })).newPage();
    // The compiler that runs this program names functions with a helper, which is not in the page.
    await page.addInitScript('globalThis.__name = (named) => named');
    await page.addInitScript(installFramePage);
    await page.goto(`${this.#server.url}/healthz`);
    await page.addScriptTag({ url: `${this.#server.url}/sdk/roomkey.js` });
    if (receives) await receive(page, true);
    await page.evaluate((entry) => window.framePage.enter(entry), this.#entry(room, userId, bits));
    return page;
  }

  #entry(roomId: number, userId: string, bits: number): object {
    const { issuer, application } = this.#server;
    return {
      sdkAppId: application.sdkAppId,
      userId,
      userSig: issuer.genUserSig(userId, 3600),
      privateMapKey: issuer.genPrivateMapKey(userId, 3600, roomId, bits),
      scene: 'rtc',
      roomId,
    };
  }

  #show(watcher: Page, roomId: number, bits: number): Promise<void> {
    const key = this.#server.issuer.genPrivateMapKey(`watcher_${this.#users}`, 3600, roomId, bits);
    return watcher.evaluate((fresh) => window.framePage.trtc?.updatePrivateMapKey(fresh), key);
  }
}

interface Width {
  readonly atLeast?: number;
  readonly below?: number;
}

const now = () => performance.timeOrigin + performance.now();

const heard = (page: Page, method: string, after: number) =>
  page.evaluate(([name, since]) => window.framePage.heard(name, since), [method, after] as const);

const frame = (page: Page, after: number, width: Width = nowhere) =>
  page.evaluate(([since, widths]) => window.framePage.frame(since, widths), [after, width] as const);

const receive = (page: Page, wanted: boolean) =>
  page.evaluate((yes) => window.framePage.receive(yes), wanted);

const mute = (page: Page, yes: boolean) =>
  page.evaluate((muted) => window.framePage.trtc?.updateLocalVideo({ mute: muted }), yes);

const prefer = (page: Page, small: boolean) =>
  page.evaluate(
    (yes) =>
      window.framePage.trtc?.updateRemoteVideo({
        userId: 'publisher',
        streamType: 'main',
        option: { small: yes },
      }),
    small,
  );
