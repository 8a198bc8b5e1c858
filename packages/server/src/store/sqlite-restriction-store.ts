import type { Kysely } from 'kysely';
import type { Ban, Denial, RestrictionStore, Revocation, StoredRestrictions } from '../ports/index.ts';
import type { Tables } from './schema.ts';
import { storeError } from './sqlite-fault.ts';

/** Rows in one statement. SQLite runs in this thread: others get their turn after each. */
const ROWS = 100;

/** The next turn of the event loop. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** The room of a ban of the whole application: no room key text is empty. */
const EVERY_ROOM = '';

/** Denials, bans and revocations in SQLite. */
export class SqliteRestrictionStore implements RestrictionStore {
  readonly #db: Kysely<Tables>;
  readonly #file: string;

  /** `file` is for error messages. */
  constructor(db: Kysely<Tables>, file: string) {
    this.#db = db;
    this.#file = file;
  }

  load(): Promise<StoredRestrictions> {
    return this.#guarded(async () => {
      const denials = await this.#db.selectFrom('denials').selectAll().execute();
      const bans = await this.#db.selectFrom('bans').selectAll().execute();
      const revocations = await this.#db.selectFrom('revocations').selectAll().execute();
      return {
        denials: denials.map(({ sdk_app_id, user_id, expires_at, ...row }) => ({
          ...row,
          sdkAppId: sdk_app_id,
          userId: user_id,
          expiresAt: expires_at,
        })),
        bans: bans.map(({ sdk_app_id, user_id, room, ...row }) => ({
          ...row,
          room: room === EVERY_ROOM ? undefined : room,
          sdkAppId: sdk_app_id,
          userId: user_id,
        })),
        revocations: revocations.map(({ sdk_app_id, ...row }) => ({ ...row, sdkAppId: sdk_app_id })),
      };
    });
  }

  saveDenials(denials: readonly Denial[]): Promise<void> {
    const rows = denials.map(({ sdkAppId, userId, expiresAt, room, mask, version, actor, cause, since }) => ({
      sdk_app_id: sdkAppId,
      room,
      user_id: userId,
      mask,
      version,
      actor,
      cause,
      since,
      expires_at: expiresAt,
    }));
    return this.#guarded(async () => {
      await this.#db.transaction().execute(async (all) => {
        for (let first = 0; first < rows.length; first += ROWS) {
          if (first > 0) await turn();
          await all
            .replaceInto('denials')
            .values(rows.slice(first, first + ROWS))
            .execute();
        }
      });
      // What follows for so many takes its time too.
      if (rows.length > ROWS) await turn();
    });
  }

  saveBan({ sdkAppId, room, userId, until, actor, cause, since }: Ban): Promise<void> {
    return this.#guarded(async () => {
      await this.#db
        .replaceInto('bans')
        .values({
          sdk_app_id: sdkAppId,
          room: room ?? EVERY_ROOM,
          user_id: userId,
          until,
          actor,
          cause,
          since,
        })
        .execute();
    });
  }

  forgetBan({ sdkAppId, room, userId }: Pick<Ban, 'sdkAppId' | 'room' | 'userId'>): Promise<void> {
    return this.#guarded(async () => {
      await this.#db
        .deleteFrom('bans')
        .where('sdk_app_id', '=', sdkAppId)
        .where('room', '=', room ?? EVERY_ROOM)
        .where('user_id', '=', userId)
        .execute();
    });
  }

  saveRevocation({ sdkAppId, target, at, actor, cause, since }: Revocation): Promise<void> {
    return this.#guarded(async () => {
      await this.#db
        .replaceInto('revocations')
        .values({ sdk_app_id: sdkAppId, target, at, actor, cause, since })
        .execute();
    });
  }

  prune(now: number): Promise<void> {
    return this.#guarded(() =>
      this.#db.transaction().execute(async (all) => {
        await all.deleteFrom('denials').where('expires_at', '<=', now).execute();
        await all.deleteFrom('bans').where('until', '<=', now).execute();
      }),
    );
  }

  async #guarded<T>(job: () => Promise<T>): Promise<T> {
    try {
      return await job();
    } catch (cause) {
      throw storeError(this.#file, cause);
    }
  }
}
