import { readFileSync } from 'node:fs';

export type Quirk =
  | 'expire-omitted'
  | 'userbuf-utf16-low-byte'
  | 'userbuf-latin1'
  | 'userbuf-utf16-truncated'
  | 'userbuf-empty-room-version-1';

/** One ticket made by an official library; see `vectors/README.md`. */
export interface Vector {
  readonly id: string;
  readonly case: string;
  readonly kind: 'userSig' | 'privateMapKey' | 'privateMapKeyStr';
  readonly sdkAppId: number;
  readonly secretKey: string;
  readonly userId: string;
  readonly roomId?: number;
  readonly strRoomId?: string;
  readonly expire: number;
  readonly privilegeMap?: number;
  readonly now: number;
  readonly ticket: string;
  readonly userbufHex?: string;
  readonly quirks: readonly Quirk[];
}

const file = new URL('../../vectors/tickets.json', import.meta.url);

export const vectors = JSON.parse(readFileSync(file, 'utf8')) as readonly Vector[];
