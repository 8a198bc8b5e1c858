import { ServerProcess } from '@roomkey/testkit/launch';
import type { Network } from '@roomkey/testkit/network';
import type { Page } from 'playwright-core';
import { JanusServer } from '../janus/server.ts';
import { installJanus, type JanusEntry } from './janus-page.ts';

/** A server in a network, and how a page gets its client. */
export interface Service {
  /** The origin of its pages. */
  readonly url: string;
  /** Everything that the server has printed. */
  readonly log: string;
  /** Opens an empty page of that origin with the client, as `window.TRTC`. */
  prepare(page: Page): Promise<void>;
  /** What a user enters with. */
  entry(userId: string, roomId: number): object;
  stop(): Promise<void>;
}

export class RoomkeyService implements Service {
  readonly #server: ServerProcess;

  private constructor(server: ServerProcess) {
    this.#server = server;
  }

  static async start(network: Network): Promise<RoomkeyService> {
    return new RoomkeyService(await ServerProcess.start({ network, env: { ROOMKEY_LOG_LEVEL: 'info' } }));
  }

  get url(): string {
    return this.#server.url;
  }

  get log(): string {
    return this.#server.output;
  }

  async prepare(page: Page): Promise<void> {
    await page.goto(`${this.url}/healthz`);
    await page.addScriptTag({ url: `${this.url}/sdk/roomkey.js` });
  }

  entry(userId: string, roomId: number): object {
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

  stop(): Promise<void> {
    return this.#server.dispose();
  }
}

/** Janus with its VideoRoom plugin, and a client as its manual describes one. */
export class JanusService implements Service {
  readonly url: string;
  readonly log = '';
  readonly #server: JanusServer;

  private constructor(url: string, server: JanusServer) {
    this.url = url;
    this.#server = server;
  }

  static async start(network: Network): Promise<JanusService> {
    const { address, ports } = network.server;
    return new JanusService(`http://${address}:${ports.http}`, await JanusServer.startIn(network));
  }

  async prepare(page: Page): Promise<void> {
    const blank = `${this.url}/blank`;
    await page.route(blank, (route) => route.fulfill({ contentType: 'text/html', body: '' }));
    await page.goto(blank);
    await page.evaluate(installJanus, this.url.replace('http', 'ws'));
  }

  entry(userId: string, roomId: number): JanusEntry {
    return { userId, roomId };
  }

  stop(): Promise<void> {
    return this.#server.stop();
  }
}
