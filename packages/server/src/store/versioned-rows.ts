import { type RawBuilder, sql, type Transaction } from 'kysely';
import type { Tables } from './schema.ts';

/** A table whose rows have versions, and how one of its rows is found again. */
interface VersionedTable<N extends 'denials' | 'bans' | 'revocations'> {
  readonly name: N;
  /** The columns of the primary key. */
  readonly key: readonly (keyof Tables[N] & string)[];
  /** Whether the kept row counts no more, so that version 1 may replace it. */
  readonly ended: RawBuilder<unknown>;
}

/**
 * Saves rows in one statement. Each replaces the kept row that is one version older; a row of version 1 is saved if none is kept
 * or the kept one has ended.
 *
 * @returns whether all of them were saved. If not, some may be: the caller undoes the transaction.
 */
export async function saveVersions<N extends 'denials' | 'bans' | 'revocations'>(
  all: Transaction<Tables>,
  { name, key, ended }: VersionedTable<N>,
  rows: readonly Tables[N][],
): Promise<boolean> {
  const names = Object.keys(rows[0] ?? {});
  const columns = sql.join(names.map((column) => sql.ref(column)));
  const values = sql.join(rows.map((row) => sql`(${sql.join(Object.values(row))})`));
  const table = sql.table(name);
  const of = (row: string, column: string) => sql.ref(`${row}.${column}`);
  const same = key.map((column) => sql`${of('kept', column)} = ${of('new', column)}`);
  const replaced = names
    .filter((column) => !(key as readonly string[]).includes(column))
    .map((column) => sql`${sql.ref(column)} = ${of('excluded', column)}`);
  const version = of(name, 'version');
  const { numAffectedRows } = await sql`
    with new (${columns}) as (values ${values})
    insert into ${table} (${columns})
    select ${columns} from new
    where version = 1 or exists (select 1 from ${table} as kept where ${sql.join(same, sql` and `)})
    on conflict (${sql.join(key.map((column) => sql.ref(column)))}) do update set ${sql.join(replaced)}
    where ${version} = excluded.version - 1 or (excluded.version = 1 and ${ended})
  `.execute(all);
  return numAffectedRows === BigInt(rows.length);
}
