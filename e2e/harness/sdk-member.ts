import type { EnterRoomOptions, TRTC } from '@roomkey/sdk';
import type { JSHandle, Page } from 'playwright-core';

interface Heard {
  readonly event: string;
  readonly payload: unknown;
}

interface Handle {
  readonly trtc: TRTC;
  readonly heard: Heard[];
}

declare global {
  interface Window {
    readonly TRTC: typeof TRTC;
  }
}

/** A member who uses the SDK in a page. */
export class SdkMember {
  readonly page: Page;
  readonly userId: string;
  #handle: JSHandle<Handle> | undefined;

  constructor(page: Page, userId: string) {
    this.page = page;
    this.userId = userId;
  }

  async enter(entry: EnterRoomOptions): Promise<void> {
    this.#handle = await this.page.evaluateHandle(async (options) => {
      const trtc = window.TRTC.create({ enableAutoPlayDialog: false });
      const heard: Heard[] = [];
      for (const event of Object.values(window.TRTC.EVENT)) {
        trtc.on(event, (...payload: unknown[]) => void heard.push({ event, payload: payload[0] }));
      }
      await trtc.enterRoom(options);
      return { trtc, heard };
    }, entry);
  }

  /** Runs something with the SDK in the page. */
  run<A, R>(job: (trtc: TRTC, argument: A) => R | Promise<R>, argument?: A): Promise<R> {
    const source = job.toString();
    return this.#here.evaluate(
      // The job travels as text: a function of the test file is not known in the page.
      ({ trtc }, { text, value }) => new Function(`return (${text})`)()(trtc, value) as R | Promise<R>,
      { text: source, value: argument },
    ) as Promise<R>;
  }

  /** The payloads of an event, in order. */
  heard(event: string): Promise<unknown[]> {
    return this.#here.evaluate(
      ({ heard }, name) =>
        heard
          .filter((one) => one.event === name)
          .map(({ payload }) =>
            JSON.parse(
              JSON.stringify(payload ?? null, (_key, value) =>
                typeof value === 'function' ? 'function' : value,
              ),
            ),
          ),
      event,
    );
  }

  get #here(): JSHandle<Handle> {
    if (!this.#handle) throw new Error('the member has not entered');
    return this.#handle;
  }
}
