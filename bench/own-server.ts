import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig, RoomkeyServer } from '@roomkey/server';

/** What the rest of a bench has to know of a server that runs in a child process. */
export interface RunningServer {
  readonly url: string;
  readonly dataDir: string;
  readonly sdkAppId: number;
  readonly secretKey: string;
}

/** Starts the server in this very process, on a free port and a data folder of its own, which goes with the process. */
export async function startOwnServer(env: Readonly<Record<string, string>>): Promise<RunningServer> {
  const dataDir = mkdtempSync(join(tmpdir(), 'roomkey-bench-'));
  process.on('exit', () => rmSync(dataDir, { recursive: true, force: true }));
  const own = {
    ROOMKEY_PORT: '0',
    ROOMKEY_MEDIA_PORT: '0',
    ROOMKEY_DATA_DIR: dataDir,
    // All members of a bench have one address.
    ROOMKEY_MAX_CONNECTIONS_PER_ADDRESS: '10000',
    ROOMKEY_MAX_OUTSIDE_PER_ADDRESS: '10000',
  };
  const workerBin = process.env['ROOMKEY_WORKER_BIN'];
  const config = loadConfig({ ...own, ...(workerBin && { ROOMKEY_WORKER_BIN: workerBin }), ...env });
  const { url } = await RoomkeyServer.start(config);
  const text = readFileSync(join(dataDir, 'first-run.txt'), 'utf8');
  const [, sdkAppId = '', secretKey = ''] = /SDKAppID\s+(\d+)[\s\S]*secret key\s+(\S+)/.exec(text) ?? [];
  return { url, dataDir, sdkAppId: Number(sdkAppId), secretKey };
}
