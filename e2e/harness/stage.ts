import {
  type ChromiumOptions,
  launchChromium,
  ServerProcess,
  type ServerProcessOptions,
} from '@roomkey/testkit/launch';
import type { Link } from '@roomkey/testkit/network';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { Bare } from './bare.ts';
import { pageKit } from './page-kit.ts';
import { SdkMember } from './sdk-member.ts';

/** Where and as whom somebody enters. Room 1, scene rtc, anchor and all bits unless said otherwise. */
export interface Wish {
  readonly roomId?: number;
  readonly strRoomId?: string;
  readonly bits?: number;
  readonly scene?: 'rtc' | 'live';
  readonly role?: 'anchor' | 'audience';
}

/** A real server and a real browser; every member is a page of its own. */
export class Stage {
  readonly server: ServerProcess;
  readonly #browser: Browser;
  readonly #ownsServer: boolean;
  readonly #contexts = new Set<BrowserContext>();

  private constructor(server: ServerProcess, browser: Browser, ownsServer: boolean) {
    this.server = server;
    this.#browser = browser;
    this.#ownsServer = ownsServer;
  }

  /** In a network the browser is at the end of `at`, by default of a link of its own. */
  static async open({
    at,
    ...options
  }: ServerProcessOptions & ChromiumOptions & { readonly at?: Link } = {}): Promise<Stage> {
    const server = await ServerProcess.start(options);
    try {
      const link = at ?? (await options.network?.link());
      return new Stage(
        server,
        await launchChromium({ ...options, ...(link && placeAt(link, server)) }),
        true,
      );
    } catch (error) {
      await server.dispose();
      throw error;
    }
  }

  /** The same server, and another browser, at the end of a link. It closes before the first one does. */
  async at(link: Link): Promise<Stage> {
    return new Stage(this.server, await launchChromium(placeAt(link, this.server)), false);
  }

  /** Tickets and room for an entry. */
  entry(userId: string, { roomId = 1, strRoomId, bits = 255, scene = 'rtc', role = 'anchor' }: Wish = {}) {
    const { issuer, application } = this.server;
    const { sdkAppId } = application;
    const room = strRoomId === undefined ? { roomId } : { strRoomId };
    const privateMapKey =
      strRoomId === undefined
        ? issuer.genPrivateMapKey(userId, 600, roomId, bits)
        : issuer.genPrivateMapKeyWithStringRoomID(userId, 600, strRoomId, bits);
    return { sdkAppId, userId, userSig: issuer.genUserSig(userId, 600), privateMapKey, scene, role, ...room };
  }

  /** An empty page of the server's origin that holds the SDK (`TRTC`) and the tests' own kit (`kit`). */
  async page(prepare?: (page: Page) => Promise<void>): Promise<Page> {
    const page = await this.blankPage(prepare);
    await page.addScriptTag({ url: `${this.server.url}/sdk/roomkey.js` });
    return page;
  }

  /** A page of the server's origin with nothing but the tests' own kit. */
  async blankPage(prepare?: (page: Page) => Promise<void>): Promise<Page> {
    const context = await this.#browser.newContext({ bypassCSP: true });
    this.#contexts.add(context);
    const page = await context.newPage();
    await prepare?.(page);
    await page.addInitScript({ content: await pageKit() });
    await page.goto(`${this.server.url}/healthz`);
    return page;
  }

  /** A browser for the server's own pages, with their own security policy and the tests' own kit in every tab. */
  async context(options: BrowserContextOptions = {}): Promise<BrowserContext> {
    const context = await this.#browser.newContext({ baseURL: this.server.url, ...options });
    await context.addInitScript({ content: await pageKit() });
    return context;
  }

  /** Somebody who enters with the SDK. */
  async member(userId: string, wish: Wish = {}, prepare?: (page: Page) => Promise<void>): Promise<SdkMember> {
    const member = new SdkMember(await this.page(prepare), userId);
    await member.enter(this.entry(userId, wish));
    return member;
  }

  /** Somebody who asks the server directly. */
  async bare(userId: string, wish: Wish = {}): Promise<Bare> {
    const bare = await Bare.open(await this.page(), this.server.url.replace('http', 'ws'), userId);
    await bare.enter(this.entry(userId, wish));
    return bare;
  }

  /** Closes all pages: members of one test shall not take the computer's time from the next. */
  async clear(): Promise<void> {
    const contexts = [...this.#contexts];
    this.#contexts.clear();
    await Promise.all(contexts.map((context) => context.close()));
  }

  async close(): Promise<void> {
    try {
      await this.#browser.close();
    } finally {
      if (this.#ownsServer) await this.server.dispose();
    }
  }
}

const placeAt = (link: Link, { url }: ServerProcess): ChromiumOptions => ({
  command: link.namespace.command,
  trusted: url,
});
