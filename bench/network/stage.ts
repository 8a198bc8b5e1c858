import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launchChromium, ServerProcess } from '@roomkey/testkit/launch';
import { type Link, type LinkState, Network } from '@roomkey/testkit/network';
import type { Browser, Page } from 'playwright-core';
import { writeFilm } from './film.ts';
import { install } from './page.ts';
import { writeVoice } from './voice.ts';

/** A link with a Chromium at its end, for one member at a time. */
interface Seat {
  readonly roundTripMs: number;
  readonly link: Link;
  readonly browser: Browser;
}

/** A server and members' browsers, each in a network namespace of its own. */
export class Stage {
  readonly #network: Network;
  readonly #server: ServerProcess;
  readonly #recording: { readonly camera: string; readonly microphone: string };
  readonly #free: Seat[] = [];
  readonly #all: Seat[] = [];

  private constructor(network: Network, server: ServerProcess, folder: string) {
    this.#network = network;
    this.#server = server;
    this.#recording = { camera: join(folder, 'film.y4m'), microphone: join(folder, 'voice.wav') };
    writeFilm(this.#recording.camera);
    writeVoice(this.#recording.microphone);
  }

  static async open(): Promise<Stage> {
    const network = await Network.open();
    const folder = mkdtempSync(join(tmpdir(), 'roomkey-bench-'));
    const server = await ServerProcess.start({ network, env: { ROOMKEY_LOG_LEVEL: 'info' } });
    process.on('exit', () => {
      for (const each of [folder, server.dataDir]) rmSync(each, { recursive: true, force: true });
    });
    return new Stage(network, server, folder);
  }

  /** Everything that the server has printed. */
  get log(): string {
    return this.#server.output;
  }

  /** An empty page with the SDK, at the end of a good link. */
  async member(userId: string, roomId: number, roundTripMs: number): Promise<StageMember> {
    const at = this.#free.findIndex((seat) => seat.roundTripMs === roundTripMs);
    const seat = this.#free.splice(at, at < 0 ? 0 : 1)[0] ?? (await this.#newSeat(roundTripMs));
    const context = await seat.browser.newContext({ bypassCSP: true });
    const page = await context.newPage();
    // The compiler that runs this program names functions with a helper, which is not in the page.
    await page.addInitScript('globalThis.__name = (named) => named');
    await page.addInitScript(install);
    await page.goto(`${this.#server.url}/healthz`);
    await page.addScriptTag({ url: `${this.#server.url}/sdk/roomkey.js` });
    return new StageMember(page, seat.link, this.#entry(userId, roomId), async () => {
      await context.close();
      seat.link.set({});
      this.#free.push(seat);
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.#all.map(({ browser }) => browser.close()));
    await this.#server.dispose();
    this.#network.close();
  }

  async #newSeat(roundTripMs: number): Promise<Seat> {
    const link = await this.#network.link(roundTripMs);
    const { command } = link.namespace;
    const browser = await launchChromium({ command, recording: this.#recording, trusted: this.#server.url });
    const seat = { roundTripMs, link, browser };
    this.#all.push(seat);
    return seat;
  }

  #entry(userId: string, roomId: number): object {
    const { issuer, application } = this.#server;
    return {
      sdkAppId: application.sdkAppId,
      userId,
      userSig: issuer.genUserSig(userId, 3600),
      privateMapKey: issuer.genPrivateMapKey(userId, 3600, roomId, 255),
      scene: 'rtc',
      roomId,
    };
  }
}

/** A member in a page of its own. */
export class StageMember {
  readonly page: Page;
  readonly #link: Link;
  readonly #entry: object;
  readonly #leave: () => Promise<void>;

  constructor(page: Page, link: Link, entry: object, leave: () => Promise<void>) {
    this.page = page;
    this.#link = link;
    this.#entry = entry;
    this.#leave = leave;
  }

  async enter(watches: readonly string[]): Promise<void> {
    await this.page.evaluate(([entry, users]) => window.kit.enter(entry, users), [
      this.#entry,
      watches,
    ] as const);
  }

  /** Changes the member's link. */
  limit(state: LinkState | 'another address'): void {
    if (state === 'another address') this.#link.changeAddress();
    else this.#link.set(state);
  }

  leave(): Promise<void> {
    return this.#leave();
  }
}
