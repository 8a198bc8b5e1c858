import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const PROGRAMS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** How Chromium starts. */
export interface ChromiumOptions {
  /** Sound may play before anybody has clicked. Default true. */
  readonly autoplay?: boolean;
  /** The user agrees to camera and microphone. Default true. */
  readonly devices?: 'granted' | 'denied' | 'none';
}

/** Starts Debian's Chromium, headless, with a profile of its own and, by default, a fake camera and microphone. */
export async function launchChromium({
  autoplay = true,
  devices = 'granted',
}: ChromiumOptions = {}): Promise<Browser> {
  const executablePath = process.env['CHROMIUM_BIN'] ?? PROGRAMS.find((path) => existsSync(path));
  if (!executablePath)
    throw new Error('There is no Chromium: run `npm run setup -- --tests`, or set CHROMIUM_BIN.');
  return chromium.launch({
    executablePath,
    args: [
      '--headless=new',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--disable-features=WebRtcHideLocalIpsWithMdns',
      ...(devices === 'none' ? [] : ['--use-fake-device-for-media-stream']),
      ...(devices === 'granted' ? ['--use-fake-ui-for-media-stream'] : []),
      ...(autoplay ? ['--autoplay-policy=no-user-gesture-required'] : []),
    ],
  });
}
