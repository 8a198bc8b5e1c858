import { createRequire } from 'node:module';

const { version } = createRequire(import.meta.url)('../package.json') as { version: string };

/** Name and version of this program, as it tells them to clients. */
export const serverName = `roomkey/${version}`;
