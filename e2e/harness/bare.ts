import type { JSHandle, Page } from 'playwright-core';
import type { BareClient } from '../page/bare-client.ts';

type Slot = Parameters<BareClient['publish']>[0];

/** A {@link BareClient} in a page. */
export class Bare {
  readonly page: Page;
  readonly userId: string;
  /** The name of the refusal of the last entry. */
  refused: string | undefined;
  readonly #client: JSHandle<BareClient>;

  private constructor(page: Page, userId: string, client: JSHandle<BareClient>) {
    this.page = page;
    this.userId = userId;
    this.#client = client;
  }

  static async open(page: Page, origin: string, userId: string): Promise<Bare> {
    const client = await page.evaluateHandle((url) => new window.kit.BareClient(url), `${origin}/rtc`);
    return new Bare(page, userId, client);
  }

  async enter(entry: Record<string, unknown>): Promise<void> {
    this.refused = await this.#client.evaluate(
      async (client, params) => (await client.enter(params)).refused,
      entry,
    );
  }

  /** `published`, or the name of the refusal; media is sent either way. */
  publish(slot: Slot): Promise<string> {
    return this.#client.evaluate((client, wanted) => client.publish(wanted), slot);
  }

  /** `subscribed`, or the name of the refusal. */
  async subscribe(userId: string, slot: Slot): Promise<string> {
    return this.#client.evaluate(
      async (client, wanted) => {
        await client.receive();
        return client.subscribe(wanted.userId, wanted.slot);
      },
      { userId, slot },
    );
  }

  /** Asks anything; the name of the refusal, or undefined. */
  ask(method: string, params: unknown): Promise<string | undefined> {
    const request = { method, params };
    return this.#client.evaluate(
      async (client, { method: name, params: asked }) => (await client.ask(name, asked)).refused,
      request,
    );
  }

  /** Asks as soon as another client in the same page was told something; the name of the refusal, or undefined. */
  askWhenTold(other: Bare, notice: string, method: string, params: unknown): Promise<string | undefined> {
    return this.#client.evaluate(
      async (client, { witness, ...asked }) => {
        await witness.told(asked.notice);
        return (await client.ask(asked.method, asked.params)).refused;
      },
      { witness: other.#client, notice, method, params },
    );
  }

  /** The parameters of every notice of one name. */
  told(method: string): Promise<unknown[]> {
    return this.#client.evaluate(
      (client, name) => client.notices.filter((notice) => notice.method === name).map(({ params }) => params),
      method,
    );
  }
}
