import { type RawBuilder, sql, type Transaction } from 'kysely';
import type { Replacement } from '../ports/index.ts';
import type { Tables } from './schema.ts';

/** A table whose rows have versions, and how one of its rows is found again. */
interface VersionedTable<N extends 'denials' | 'bans' | 'revocations'> {
  readonly name: N;
  /** The columns of the primary key. */
  readonly key: readonly (keyof Tables[N] & string)[];
  /** The version that a new row (`new`) has to be above. */
  readonly floor: RawBuilder<unknown>;
}

/**
 * Saves rows in one statement. Each replaces the kept row of the version that it names, and is one version newer; or it is new, above
 * the floor, and none is kept.
 *
 * @returns whether all of them were saved. If not, some may be: the caller undoes the transaction.
 */
export async function saveVersions<N extends 'denials' | 'bans' | 'revocations'>(
  all: Transaction<Tables>,
  { name, key, floor }: VersionedTable<N>,
  changes: readonly Replacement<Tables[N]>[],
): Promise<boolean> {
  const names = Object.keys(changes[0]?.after ?? {});
  const columns = sql.join(names.map((column) => sql.ref(column)));
  const values = sql.join(
    changes.map(
      ({ before, after }) => sql`(${sql.join([...Object.values(after), before?.version ?? null])})`,
    ),
  );
  const table = sql.table(name);
  const of = (row: string, column: string) => sql.ref(`${row}.${column}`);
  const same = key.map((column) => sql`${of('kept', column)} = ${of('new', column)}`);
  const kept = sql`select 1 from ${table} as kept where ${sql.join(same, sql` and `)}`;
  const replaced = names
    .filter((column) => !(key as readonly string[]).includes(column))
    .map((column) => sql`${sql.ref(column)} = ${of('excluded', column)}`);
  const version = of(name, 'version');
  const { numAffectedRows } = await sql`
    with new (${columns}, replaces) as (values ${values})
    insert into ${table} (${columns})
    select ${columns} from new
    where case when replaces is null then version > ${floor} and not exists (${kept})
      else exists (${kept} and kept.version = replaces) end
    on conflict (${sql.join(key.map((column) => sql.ref(column)))}) do update set ${sql.join(replaced)}
    where ${version} = excluded.version - 1
  `.execute(all);
  return numAffectedRows === BigInt(changes.length);
}
