/** The server as it is built, in a process that also says what no operator can ask for: how late its event loop is. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { loadConfig, RoomkeyServer } from '@roomkey/server';
import { answerParent } from './child.ts';

/** What the rest of a bench has to know of a server. */
export interface RunningServer {
  readonly url: string;
  readonly dataDir: string;
  readonly sdkAppId: number;
  readonly secretKey: string;
}

/** Milliseconds between two looks at the event loop: as the server itself does it for its metrics. */
const resolution = 20;

const loop = monitorEventLoopDelay({ resolution });
const dataDir = mkdtempSync(join(tmpdir(), 'roomkey-bench-'));
process.on('exit', () => rmSync(dataDir, { recursive: true, force: true }));

const methods = {
  /** Starts it on a free port and a data folder of its own. */
  async start(env: Readonly<Record<string, string>>): Promise<RunningServer> {
    const own = { ROOMKEY_PORT: '0', ROOMKEY_MEDIA_PORT: '0', ROOMKEY_DATA_DIR: dataDir };
    const workerBin = process.env['ROOMKEY_WORKER_BIN'];
    const config = loadConfig({ ...own, ...(workerBin && { ROOMKEY_WORKER_BIN: workerBin }), ...env });
    const { url } = await RoomkeyServer.start(config);
    const text = readFileSync(join(dataDir, 'first-run.txt'), 'utf8');
    const [, sdkAppId = '', secretKey = ''] = /SDKAppID\s+(\d+)[\s\S]*secret key\s+(\S+)/.exec(text) ?? [];
    return { url, dataDir, sdkAppId: Number(sdkAppId), secretKey };
  },

  /** Counts delays of the event loop from now on, beside those counted before. */
  watchLoop: (): void => void loop.enable(),

  /** Counts no more until it is watched again; returns the delays counted so far, in milliseconds. */
  loopDelays(): { p99: number; longest: number } {
    loop.disable();
    // Node counts the time between two looks.
    const late = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - resolution);
    return { p99: late(loop.percentile(99)), longest: late(loop.max) };
  },

  forgetDelays: (): void => loop.reset(),
};

export type RoomkeyServerMethods = typeof methods;

answerParent(methods);
