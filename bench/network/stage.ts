import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launchChromium } from '@roomkey/testkit/launch';
import { type Link, type LinkState, Network } from '@roomkey/testkit/network';
import type { Browser, Page } from 'playwright-core';
import { writeFilm } from './film.ts';
import { install } from './page.ts';
import { JanusService, RoomkeyService, type Service } from './services.ts';
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
  readonly #service: Service;
  readonly #recording: { readonly camera: string; readonly microphone: string };
  readonly #free: Seat[] = [];
  readonly #all: Seat[] = [];

  private constructor(network: Network, service: Service, folder: string) {
    this.#network = network;
    this.#service = service;
    this.#recording = { camera: join(folder, 'film.y4m'), microphone: join(folder, 'voice.wav') };
    writeFilm(this.#recording.camera);
    writeVoice(this.#recording.microphone);
  }

  /** A stage of Roomkey's, or of the peer's. */
  static async open(whose: 'roomkey' | 'janus' = 'roomkey'): Promise<Stage> {
    const network = await Network.open();
    const folder = mkdtempSync(join(tmpdir(), 'roomkey-bench-'));
    process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
    const service = await (whose === 'roomkey' ? RoomkeyService : JanusService).start(network);
    return new Stage(network, service, folder);
  }

  /** Everything that the server has printed. */
  get log(): string {
    return this.#service.log;
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
    await this.#service.prepare(page);
    return new StageMember(page, seat.link, this.#service.entry(userId, roomId), async () => {
      await context.close();
      seat.link.set({});
      this.#free.push(seat);
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.#all.map(({ browser }) => browser.close()));
    await this.#service.stop();
    this.#network.close();
  }

  async #newSeat(roundTripMs: number): Promise<Seat> {
    const link = await this.#network.link(roundTripMs);
    const { command } = link.namespace;
    const browser = await launchChromium({ command, recording: this.#recording, trusted: this.#service.url });
    const seat = { roundTripMs, link, browser };
    this.#all.push(seat);
    return seat;
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
