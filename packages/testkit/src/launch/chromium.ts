import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const PROGRAMS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** How Chromium starts. */
export interface ChromiumOptions {
  /** Sound may play before anybody has clicked. Default true. */
  readonly autoplay?: boolean;
  /** The user agrees to camera and microphone. Default true. */
  readonly devices?: 'granted' | 'denied' | 'none';
  /** What the fake camera films (Y4M) and the fake microphone records (WAV), again and again. Default: Chromium's own. */
  readonly recording?: { readonly camera: string; readonly microphone: string };
  /** What it is started with, to run in a network namespace. */
  readonly command?: readonly string[];
  /** An origin whose pages may use camera and microphone although it is not `localhost` and has no TLS. */
  readonly trusted?: string;
}

/** Starts Debian's Chromium, headless, with a profile of its own and, by default, a fake camera and microphone. */
export async function launchChromium({
  autoplay = true,
  devices = 'granted',
  recording,
  command,
  trusted,
}: ChromiumOptions = {}): Promise<Browser> {
  const program = process.env['CHROMIUM_BIN'] ?? PROGRAMS.find((path) => existsSync(path));
  if (!program) throw new Error('There is no Chromium: run `npm run setup -- --tests`, or set CHROMIUM_BIN.');
  const start = command && new StartScript([...command, program]);
  const browser = await chromium
    .launch({
      executablePath: start?.path ?? program,
      args: [
        '--headless=new',
        '--no-sandbox',
        '--disable-gpu',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--disable-features=WebRtcHideLocalIpsWithMdns,LocalNetworkAccessChecks,LocalNetworkAccessChecksWebSockets',
        ...(devices === 'none' ? [] : ['--use-fake-device-for-media-stream']),
        ...(devices === 'granted' ? ['--use-fake-ui-for-media-stream'] : []),
        ...(autoplay ? ['--autoplay-policy=no-user-gesture-required'] : []),
        ...(recording
          ? [
              `--use-file-for-fake-video-capture=${recording.camera}`,
              `--use-file-for-fake-audio-capture=${recording.microphone}`,
            ]
          : []),
        ...(trusted ? [`--unsafely-treat-insecure-origin-as-secure=${trusted}`] : []),
      ],
    })
    .finally(() => start?.remove());
  return browser;
}

/** A program that is nothing but a command with what it is given behind it. */
class StartScript {
  readonly path: string;
  readonly #folder = mkdtempSync(join(tmpdir(), 'roomkey-chromium-'));

  constructor(command: readonly string[]) {
    this.path = join(this.#folder, 'chromium');
    writeFileSync(this.path, `#!/bin/sh\nexec ${command.join(' ')} "$@"\n`);
    chmodSync(this.path, 0o700);
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
