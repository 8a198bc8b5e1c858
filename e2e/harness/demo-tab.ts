import type { BrowserContext, Locator, Page } from 'playwright-core';

/** A tab with the demo page, as a visitor finds their way in it: by role and name. */
export class DemoTab {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** A new tab; `hash` is what an invitation holds: `name`, `room`, `kind`, `scene`. */
  static async open(context: BrowserContext, hash: Record<string, string> = {}): Promise<DemoTab> {
    const tab = new DemoTab(await context.newPage());
    await tab.page.goto(`/demo#${new URLSearchParams(hash)}`);
    return tab;
  }

  get name(): Locator {
    return this.page.getByRole('textbox', { name: 'Your name' });
  }

  get enterButton(): Locator {
    return this.page.getByRole('button', { name: /^Enter/ });
  }

  get leaveButton(): Locator {
    return this.page.getByRole('button', { name: 'Leave' });
  }

  get updateTicketButton(): Locator {
    return this.page.getByRole('button', { name: 'Update ticket' });
  }

  /** The title of the door or of the room. */
  title(words: string | RegExp): Locator {
    return this.page.getByRole('heading', { level: 1, name: words });
  }

  /** The button for what the visitor sends. */
  device(label: 'Microphone' | 'Camera' | 'Screen', pressed?: boolean): Locator {
    const name = new RegExp(`^${label}`);
    return this.page.getByRole('button', { name, ...(pressed === undefined ? {} : { pressed }) });
  }

  /** A bit of the ticket that the visitor asks for, at the door or inside. */
  bit(label: string): Locator {
    return this.page.getByRole('switch', { name: new RegExp(`^${label}`) });
  }

  /** The picture with this name plate on the stage. */
  tile(plate: string): Locator {
    const members = this.page.getByRole('list', { name: 'Members' });
    return members.getByRole('listitem').filter({ has: this.page.getByText(plate, { exact: true }) });
  }

  /** What the lights that are dark say. */
  async darkLights(): Promise<string[]> {
    const lights = this.page.getByRole('region', { name: 'What you may do here' }).getByRole('listitem');
    const texts = await lights.evaluateAll((items) =>
      items.map((item) =>
        [...item.children]
          .filter((part) => !part.matches('.light-blame'))
          .map((part) => part.textContent)
          .join(''),
      ),
    );
    return texts.filter((words) => !words.endsWith(': allowed'));
  }

  /** Since when and by whom each dark light is dark. */
  blames(): Promise<string[]> {
    return this.page.locator('.light-blame:not(:empty)').allTextContents();
  }

  /** A refusal with these words. */
  refusal(words: string): Locator {
    return this.page.getByRole('alert').filter({ hasText: words });
  }

  async enter(): Promise<void> {
    await this.enterButton.click();
    await this.title(/^Room /).waitFor();
  }

  /** Follows the page's invitation to a second tab. */
  async openSecondTab(): Promise<DemoTab> {
    const opened = this.page.context().waitForEvent('page');
    await this.page.getByRole('link', { name: 'Open a second tab' }).click();
    return new DemoTab(await opened);
  }

  /** Presses the Tab key until something has the focus. */
  async tabTo(wanted: Locator): Promise<void> {
    for (let presses = 0; presses < 50; presses++) {
      await this.page.keyboard.press('Tab');
      if (await this.#hasFocus(wanted)) return;
    }
    throw new Error(`the Tab key does not reach ${wanted}`);
  }

  /** Waits until something has the focus. */
  async focusOn(wanted: Locator): Promise<void> {
    await wanted.waitFor();
    await this.page.waitForFunction(
      (element) => element === document.activeElement,
      await wanted.elementHandle(),
    );
  }

  #hasFocus(wanted: Locator): Promise<boolean> {
    return wanted.evaluate((element) => element === document.activeElement);
  }
}
