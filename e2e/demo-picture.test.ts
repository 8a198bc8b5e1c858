import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DemoTab } from './harness/demo-tab.ts';
import { Stage } from './harness/stage.ts';

const picture = fileURLToPath(new URL('../docs/demo.png', import.meta.url));
const width = 960;

let stage: Stage;

beforeAll(async () => {
  stage = await Stage.open();
});

afterAll(() => stage.close());

/** A context in which every camera films this portrait. */
async function contextOf(name: 'ada' | 'noor'): Promise<BrowserContext> {
  const svg = readFileSync(new URL(`harness/portraits/${name}.svg`, import.meta.url), 'utf8');
  const context = await stage.context({
    viewport: { width: 1280, height: 836 },
    deviceScaleFactor: 1.5,
    colorScheme: 'light',
    bypassCSP: true,
  });
  await context.addInitScript((source) => {
    const { mediaDevices } = navigator;
    const capture = mediaDevices.getUserMedia.bind(mediaDevices);
    mediaDevices.getUserMedia = async (wanted = {}) => {
      if (!wanted.video) return capture(wanted);
      const image = new Image();
      image.src = `data:image/svg+xml,${encodeURIComponent(source)}`;
      await image.decode();
      const canvas = Object.assign(document.createElement('canvas'), {
        width: image.width,
        height: image.height,
      });
      setInterval(() => canvas.getContext('2d')?.drawImage(image, 0, 0), 66);
      return canvas.captureStream(15);
    };
  }, svg);
  return context;
}

test('what the picture of the README shows can be shown, and with DEMO_PICTURE the picture is taken anew', async () => {
  const noor = await DemoTab.open(await contextOf('noor'), { name: 'noor', room: '123' });
  await noor.enter();
  await noor.device('Camera', true).waitFor();
  const ada = await DemoTab.open(await contextOf('ada'), { name: 'ada', room: '123' });
  await ada.bit('Share screen').click();
  await ada.enter();
  await ada.device('Camera', true).waitFor();
  await ada.device('Microphone', true).waitFor();
  const shown = ada.tile('noor').locator('video');
  const size = () => shown.evaluate((video: HTMLVideoElement) => video.videoWidth);
  // The full size comes some seconds after the first.
  await expect.poll(size, { timeout: 60_000 }).toBe(width);
  await ada.tile('noor').filter({ hasText: 'Microphone on' }).waitFor();
  expect(await ada.darkLights()).toEqual(['Share screen: not allowed.Not in your ticket.']);
  const taken = await ada.page.screenshot({ animations: 'disabled' });
  if (process.env['DEMO_PICTURE']) writeFileSync(picture, taken);
});
