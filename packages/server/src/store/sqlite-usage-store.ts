import { type Kysely, sql, type Transaction } from 'kysely';
import type { DayUsage, FiveMinuteUsage, UsageFilter, UsagePlace, UsageStore } from '../ports/index.ts';
import type { Tables } from './schema.ts';
import { storeError } from './sqlite-fault.ts';

/** Rows that are deleted in one turn of the event loop. */
const PRUNED = 500;

/** How long members were in rooms, in SQLite. */
export class SqliteUsageStore implements UsageStore {
  readonly #db: Kysely<Tables>;
  readonly #file: string;

  /** `file` is for error messages. */
  constructor(db: Kysely<Tables>, file: string) {
    this.#db = db;
    this.#file = file;
  }

  async add(amounts: readonly FiveMinuteUsage[]): Promise<void> {
    if (amounts.length === 0) return;
    const rows = amounts.map(({ sdkAppId, fiveMinutes, ...same }) => ({
      ...same,
      sdk_app_id: sdkAppId,
      five_minutes: fiveMinutes,
    }));
    await this.#atomically((all) =>
      all
        .insertInto('usage')
        .values(rows)
        .onConflict((row) =>
          row.columns(['day', 'sdk_app_id', 'room', 'five_minutes']).doUpdateSet({
            core: ({ ref }) => sql<number>`${ref('usage.core')} + ${ref('excluded.core')}`,
            outer: ({ ref }) => sql<number>`${ref('usage.outer')} + ${ref('excluded.outer')}`,
          }),
        )
        .execute(),
    );
  }

  list(
    filter: UsageFilter,
    { after, limit }: { readonly after?: UsagePlace | undefined; readonly limit: number },
  ): Promise<{ rows: DayUsage[]; next: UsagePlace | undefined }> {
    return this.#atomically(async (all) => {
      const day = after?.day ?? (await firstDay(all, filter.from, filter.to));
      if (day === undefined) return { rows: [], next: undefined };
      const rows = await rowsOf(all, { filter, day, after, limit });
      const last = rows.at(-1);
      if (last && rows.length === limit)
        return { rows, next: { day, sdkAppId: last.sdkAppId, room: last.room } };
      const following = await firstDay(all, day + 1, filter.to);
      return { rows, next: following === undefined ? undefined : { day: following, sdkAppId: 0, room: '' } };
    });
  }

  prune(before: number): Promise<boolean> {
    return this.#atomically(async (all) => {
      const { numAffectedRows } = await sql`
        delete from usage where (day, sdk_app_id, room, five_minutes) in
          (select day, sdk_app_id, room, five_minutes from usage where day < ${before} limit ${PRUNED})
      `.execute(all);
      return numAffectedRows === BigInt(PRUNED);
    });
  }

  async #atomically<T>(job: (all: Transaction<Tables>) => Promise<T>): Promise<T> {
    try {
      return await this.#db.transaction().execute(job);
    } catch (cause) {
      throw storeError(this.#file, cause);
    }
  }
}

/** The first day of some that has any usage. */
async function firstDay(all: Transaction<Tables>, from: number, to: number): Promise<number | undefined> {
  const [first] = await all
    .selectFrom('usage')
    .select('day')
    .where('day', '>=', from)
    .where('day', '<=', to)
    .orderBy('day')
    .limit(1)
    .execute();
  return first?.day;
}

/** Rows of one day behind a place. They come in the order of the table, so that no more is read than what is asked for. */
async function rowsOf(
  all: Transaction<Tables>,
  {
    filter,
    day,
    after,
    limit,
  }: { filter: UsageFilter; day: number; after?: UsagePlace | undefined; limit: number },
): Promise<DayUsage[]> {
  const { sdkAppId, room } = filter;
  const rows = await all
    .selectFrom('usage')
    .select(({ fn }) => [
      'sdk_app_id',
      'room',
      fn.sum<number>('core').as('core'),
      fn.sum<number>('outer').as('outer'),
    ])
    .where('day', '=', day)
    .$if(sdkAppId !== undefined, (q) => q.where('sdk_app_id', '=', Number(sdkAppId)))
    .$if(room !== undefined, (q) => q.where('room', '=', String(room)))
    .$if(after !== undefined, (q) =>
      q.where(sql<boolean>`(sdk_app_id, room) > (${after?.sdkAppId ?? 0}, ${after?.room ?? ''})`),
    )
    .groupBy(['sdk_app_id', 'room'])
    .orderBy('sdk_app_id')
    .orderBy('room')
    .limit(limit)
    .execute();
  return rows.map(({ sdk_app_id, ...same }) => ({ day, sdkAppId: sdk_app_id, ...same }));
}
