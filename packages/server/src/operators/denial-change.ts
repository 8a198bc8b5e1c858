import { ServiceError } from '@roomkey/protocol';
import { replaceBits } from '@roomkey/tickets/permissions';
import type { EventLoopShare } from '../event-loop-share.ts';
import type { Decided, Denial } from '../ports/index.ts';
import type { Restrictions } from '../restrictions/index.ts';

/** Whom a change of denials concerns: everybody inside, users by name (inside or not), or everybody inside but some. */
export type OperatedUsers =
  | 'all'
  | { readonly only: readonly string[] }
  | { readonly except: readonly string[] };

/** What is to change of what is denied in a room: the bits of `mask` become as in `value`. */
interface Asked {
  readonly sdkAppId: number;
  /** Room key text. */
  readonly room: string;
  readonly mask: number;
  readonly value: number;
  /** How long what is taken stays. */
  readonly seconds: number;
  readonly decision: Decided;
  /** The version that a user's denial must have; undefined: any. */
  readonly expectedOf: (userId: string) => number | undefined;
}

/** One change of what is denied to users of a room: works out their new denials. */
export class DenialChange {
  readonly #asked: Asked;
  readonly #restrictions: Pick<Restrictions, 'denial' | 'denialVersion'>;

  constructor(asked: Asked, restrictions: Pick<Restrictions, 'denial' | 'denialVersion'>) {
    this.#asked = asked;
    this.#restrictions = restrictions;
  }

  /**
   * The denials that change, as they are then; of many users they are worked out in several turns of the event loop.
   *
   * @throws {ServiceError} `versionConflict`; nothing changes for anybody then
   */
  async decide(userIds: readonly string[], now: number, share: EventLoopShare): Promise<Denial[]> {
    const changed: Denial[] = [];
    await share.each(userIds, (userId) => {
      const after = this.#after(userId, now);
      if (after) changed.push(after);
    });
    return changed;
  }

  #after(userId: string, now: number): Denial | undefined {
    const { sdkAppId, room, mask, value, seconds, decision, expectedOf } = this.#asked;
    const at = { sdkAppId, room, userId };
    const before = this.#restrictions.denial(at);
    const version = this.#restrictions.denialVersion(at);
    if ((expectedOf(userId) ?? version) !== version)
      throw new ServiceError(
        'versionConflict',
        `What is denied to ${userId} has version ${version} by now; look at it and decide again.`,
        { data: { version, userId } },
      );
    const had = before?.mask ?? 0;
    const has = replaceBits(had, mask, value);
    const taken = replaceBits(0, mask, value) !== 0;
    const until = taken ? now + seconds * 1000 : 0;
    const expiresAt = had === 0 && taken ? until : Math.max(before?.expiresAt ?? 0, until);
    if (has === had && (!taken || expiresAt === before?.expiresAt)) return undefined;
    // What is still taken was taken by whom it was taken.
    const by = taken || !before ? decision : { actor: before.actor, cause: before.cause };
    const since = taken || !before ? now : before.since;
    return { ...by, ...at, since, mask: has, version: version + 1, expiresAt };
  }
}
