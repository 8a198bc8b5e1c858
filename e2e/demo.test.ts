import type { BrowserContext, BrowserContextOptions } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { DemoTab } from './harness/demo-tab.ts';
import { expectReceiving } from './harness/flow.ts';
import { Stage } from './harness/stage.ts';

let stage: Stage;
let context: BrowserContext | undefined;

beforeAll(async () => {
  stage = await Stage.open();
});

afterEach(() => context?.close());

afterAll(() => stage.close());

async function open(hash: Record<string, string>, options?: BrowserContextOptions): Promise<DemoTab> {
  context = await stage.context(options);
  return DemoTab.open(context, hash);
}

test('two tabs, the second opened from the first, see and hear each other', async () => {
  const ana = await open({ name: 'ana', room: '41' });
  const faults: string[] = [];
  const tabs = ana.page.context();
  tabs.on('weberror', (thrown) => void faults.push(thrown.error().message));
  tabs.on('console', (line) => {
    if (line.type() === 'error') faults.push(line.text());
  });
  await ana.enter();
  const guest = await ana.openSecondTab();
  const name = await guest.name.inputValue();
  expect(name).not.toBe('ana');
  await guest.enter();

  for (const [tab, other] of [
    [ana, name],
    [guest, 'ana'],
  ] as const) {
    // The browser plays pictures only where somebody looks.
    await tab.page.bringToFront();
    await tab.tile(other).filter({ hasText: 'Microphone on' }).waitFor();
    await expectReceiving(tab.page, { audio: 1, video: 1 });
    const shown = () =>
      tab
        .tile(other)
        .locator('video')
        .evaluate((video: HTMLVideoElement) => video.getVideoPlaybackQuality().totalVideoFrames);
    await expect.poll(shown, { timeout: 30_000 }).toBeGreaterThan(0);
    expect(await tab.darkLights()).toEqual([]);
  }
  expect(faults).toEqual([]);

  await guest.leaveButton.click();
  await ana.tile(name).waitFor({ state: 'detached' });
});

test('without sendAudio the light for it is dark, the microphone is refused, and what the refusal advises helps', async () => {
  const tab = await open({ name: 'ana', room: '42' });
  await tab.bit('Speak').click();
  await tab.enter();
  expect(await tab.darkLights()).toEqual(['Speak: not allowed.Not in your ticket.']);
  expect(await tab.blames()).toEqual([expect.stringMatching(/^Since \S.*, by you\.$/)]);
  await tab.device('Camera', true).waitFor();

  await tab.device('Microphone').click();
  const refusal = tab.refusal('You may not speak here');
  await refusal.waitFor();
  expect(await refusal.getByRole('paragraph').textContent()).toBe(
    'The server refused your microphone. Nobody can hear you. ' +
      'Switch on “Speak” for your ticket, and press “Update ticket”.',
  );
  await tab.device('Microphone', false).waitFor();
  await tab.device('Camera', true).waitFor();

  await tab.bit('Speak').click();
  await tab.updateTicketButton.click();
  await refusal.waitFor({ state: 'detached' });
  expect(await tab.darkLights()).toEqual([]);
  await tab.device('Microphone').click();
  await tab.device('Microphone', true).waitFor();
});

test('bits come and go while the call runs, and so does what they allow', async () => {
  const ana = await open({ name: 'ana', room: '44', scene: 'live' });
  await ana.enter();
  const bo = await ana.openSecondTab();
  const name = await bo.name.inputValue();
  await bo.enter();
  await bo.device('Microphone', true).waitFor();
  await ana.tile(name).filter({ hasText: 'Microphone on' }).waitFor();

  await bo.bit('Speak').click();
  await bo.bit('See cameras').click();
  await bo.updateTicketButton.click();
  await bo.refusal('You may not speak here').waitFor();
  await bo.tile('ana').filter({ hasText: 'You may not see cameras here' }).waitFor();
  expect(await bo.darkLights()).toEqual([
    'Speak: not allowed.Not in your ticket.',
    'See cameras: not allowed.Not in your ticket.',
  ]);
  await bo.device('Microphone', false).waitFor();
  await ana.tile(name).filter({ hasText: 'Microphone off' }).waitFor();

  await bo.page.getByRole('button', { name: 'Join the audience' }).click();
  await ana.tile(name).waitFor({ state: 'detached' });
  await bo.bit('Speak').click();
  await bo.bit('See cameras').click();
  await bo.updateTicketButton.click();
  await bo.tile('ana').filter({ hasText: 'You may not see cameras here' }).waitFor({ state: 'detached' });
  await expectReceiving(bo.page, { audio: 1, video: 1 });
  await bo.page.getByRole('button', { name: 'Become an anchor' }).click();
  await ana.tile(name).waitFor();
  await expect.poll(() => bo.darkLights()).toEqual([]);
  await bo.device('Microphone').click();
  await bo.device('Microphone', true).waitFor();
});

test('a ticket that is about to expire is announced, and a new one ends the wait', async () => {
  const tab = await open({ name: 'ana', room: '45' });
  const { issuer, application } = stage.server;
  const { sdkAppId } = application;
  // In the place of the page's own app server, whose tickets are good for ten minutes.
  let seconds = 31;
  await tab.page.route('/demo/tickets', (route) => {
    const [userSig, privateMapKey] = [
      issuer.genUserSig('ana', 600),
      issuer.genPrivateMapKey('ana', seconds, 45, 255),
    ];
    return route.fulfill({ json: { sdkAppId, userSig, privateMapKey } });
  });
  await tab.enter();
  const deadline = tab.page.getByRole('status').filter({ hasText: 'Your ticket expires soon' });
  await deadline.getByText(/^It is good until /).waitFor();
  await tab.device('Camera', true).waitFor();
  seconds = 600;
  await deadline.getByRole('button', { name: 'Get a new ticket' }).click();
  await deadline.waitFor({ state: 'detached' });
  expect(await tab.darkLights()).toEqual([]);
  await tab.device('Camera', true).waitFor();
});

test('without enterRoom the door stays shut and says why', async () => {
  const tab = await open({ name: 'ana', room: '43' });
  await tab.bit('Enter room').click();
  await tab.enterButton.click();
  const refusal = tab.refusal('This ticket opens no door');
  await refusal.waitFor();
  expect(await refusal.getByRole('paragraph').textContent()).toBe(
    'It may not enter the room. Switch on “Enter room”, and try again.',
  );
  expect(await tab.enterButton.isEnabled()).toBe(true);
  expect(await tab.title(/^Room /).count()).toBe(0);
});

test('a page that is loaded again inside a room stands before the same door, with the same ticket to ask for', async () => {
  const tab = await open({ name: 'ana', room: '46' });
  await tab.name.fill('bela');
  await tab.bit('See screens').click();
  await tab.enter();
  await tab.page.reload();
  await tab.title('A room opens only with a key.').waitFor();
  expect(await tab.name.inputValue()).toBe('bela');
  expect(await tab.bit('See screens').isChecked()).toBe(false);
  await tab.enter();
  await tab.title('Room 46').waitFor();
  expect(await tab.darkLights()).toEqual(['See screens: not allowed.Not in your ticket.']);
});

test('somebody with nothing but a keyboard enters, mutes the microphone and leaves', async () => {
  const tab = await open({});
  const { keyboard } = tab.page;
  const replaceBy = async (text: string) => {
    await keyboard.press('ControlOrMeta+A');
    await keyboard.type(text);
  };
  await tab.tabTo(tab.name);
  await replaceBy('keyed');
  await tab.tabTo(tab.page.getByRole('textbox', { name: 'Room' }));
  await replaceBy('quiet corner');
  await tab.tabTo(tab.page.getByRole('radio', { name: 'Number' }));
  await keyboard.press('ArrowRight');
  await tab.tabTo(tab.bit('See screens'));
  await keyboard.press('Space');
  await tab.tabTo(tab.enterButton);
  await keyboard.press('Enter');

  await tab.focusOn(tab.title('Room “quiet corner”'));
  await tab.tile('keyed (you)').waitFor();
  expect(await tab.darkLights()).toEqual(['See screens: not allowed.Not in your ticket.']);
  await tab.device('Microphone', true).waitFor();
  await tab.tabTo(tab.device('Microphone'));
  await keyboard.press('Space');
  await tab.device('Microphone', false).filter({ hasText: 'Muted' }).waitFor();
  await tab.tabTo(tab.leaveButton);
  await keyboard.press('Enter');
  await tab.focusOn(tab.title('A room opens only with a key.'));
});

test.each(['light', 'dark'] as const)(
  'a page 390 px wide in %s colours scrolls down, never sideways',
  async (colorScheme) => {
    const hash = { name: 'W'.repeat(32), room: 'W'.repeat(64), kind: 'text', scene: 'live' };
    const tab = await open(hash, { viewport: { width: 390, height: 844 }, colorScheme });
    const sideways = () =>
      tab.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(await sideways()).toBe(0);
    await tab.bit('Speak').click();
    await tab.enter();
    await tab.device('Microphone').click();
    await tab.refusal('You may not speak here').waitFor();
    await tab.page.getByText('SDK events').click();
    await tab.page.getByRole('list', { name: 'Events, newest first' }).waitFor();
    expect(await sideways()).toBe(0);
    const ground = await tab.page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    const [red = 0] = ground.match(/\d+/g)?.map(Number) ?? [];
    expect(red > 127 ? 'light' : 'dark').toBe(colorScheme);
  },
);

test.each([390, 1280])('who is put out sees why and hears it, on a page %i px wide', async (width) => {
  const tab = await open({ name: 'ana', room: '47' }, { viewport: { width, height: 844 } });
  const { issuer, application } = stage.server;
  const json = {
    sdkAppId: application.sdkAppId,
    userSig: issuer.genUserSig('ana', 600),
    privateMapKey: issuer.genPrivateMapKey('ana', 600, 47, 255),
  };
  await tab.page.route('/demo/tickets', (route) => route.fulfill({ json }));
  await tab.enter();
  await tab.page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
  await stage.server.kick({ roomId: 47 }, 'ana');
  await tab.title('A room opens only with a key.').waitFor();
  const notice = tab.refusal('You were put out').locator('.notice');
  await tab.focusOn(notice);
  const box = await notice.boundingBox();
  expect(box && box.y >= 0 && box.y + box.height <= 844).toBe(true);
  const said = tab.page.getByRole('status').filter({ hasText: 'You are out of room 47. You were put out.' });
  expect(await said.textContent()).toContain('Somebody in charge of the room removed you');
  await tab.name.fill('bela');
  await notice.waitFor({ state: 'detached' });
});
