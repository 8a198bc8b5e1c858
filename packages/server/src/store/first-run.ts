import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Actor } from '@roomkey/tickets/permissions';
import { type ApplicationDirectory, newSecret } from '../applications/index.ts';
import { writePrivateFile } from './private-file.ts';

const ACTOR: Actor = { type: 'system', id: 'first run' };
const SDK_APP_ID = 1_400_000_001;

/**
 * Makes what a new server begins with: one application `default`, and the demo page's own when `demo` is on.
 * The secret of the first is written before the application exists, so that it cannot be lost on the way;
 * nobody needs the demo's.
 *
 * @returns the file with the secrets, as long as nobody has taken it away
 */
export async function firstRun(
  directory: ApplicationDirectory,
  { folder, demo }: { readonly folder: string; readonly demo: boolean },
): Promise<string | undefined> {
  const empty = directory.list({ limit: 1 }).applications.length === 0;
  const file = path.join(folder, 'first-run.txt');
  if (empty) {
    const secret = newSecret();
    writePrivateFile(file, page(secret));
    await directory.create(ACTOR, { sdkAppId: SDK_APP_ID, settings: { name: 'default' }, secret });
  }
  if (demo) await directory.ensureDemo(ACTOR);
  return existsSync(file) ? file : undefined;
}

const page = (secret: string): string => `The first secrets of this Roomkey server.

Whoever has the secret key can sign tickets for every room of the application.
Move it to where your own server signs tickets, then delete this file:
it is not shown again. \`roomkey app key add ${SDK_APP_ID}\` makes another one.

application   default
SDKAppID      ${SDK_APP_ID}
key id        k1
secret key    ${secret}
`;
