import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { getMimeType } from 'hono/utils/mime';

/** A file that is read once and answered from memory. */
export interface KeptFile {
  /** Its path inside of the folder, with `/` between the names. */
  readonly name: string;
  /** For `Content-Type`. */
  readonly type: string;
  /** For `ETag`: the same as long as the bytes are. */
  readonly etag: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** The files of a folder and of the folders in it, as they are now; only those that are wanted. None when there is no folder. */
export function keepFiles(dir: string, isWanted: (name: string) => boolean = () => true): KeptFile[] {
  if (!existsSync(dir)) return [];
  return readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => isWanted(name) && statSync(join(dir, name)).isFile())
    .map((name) => keep(name, new Uint8Array(readFileSync(join(dir, name)))));
}

const keep = (name: string, bytes: Uint8Array<ArrayBuffer>): KeptFile => ({
  name,
  bytes,
  type: getMimeType(name) ?? 'application/octet-stream',
  etag: `"${createHash('sha256').update(bytes).digest('base64url')}"`,
});
