import { type Kysely, type Migration, sql } from 'kysely';

/** Which records tell what operators have brought about. */
export const isOperated = `kind in ('application', 'denied', 'banned', 'unbanned', 'revoked', 'standing')
  or (kind = 'expired' and id is not null)`;

/** Every step of the schema of the journal's file, in order. A step that was released is never changed. */
export const journalMigrations: Readonly<Record<string, Migration>> = {
  '0001-records': {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable('records')
        .addColumn('seq', 'integer', (column) => column.primaryKey())
        .addColumn('at', 'bigint', (column) => column.notNull())
        .addColumn('kind', 'text', (column) => column.notNull())
        .addColumn('sdk_app_id', 'bigint')
        .addColumn('room', 'text')
        .addColumn('user_id', 'text')
        .addColumn('body', 'text', (column) => column.notNull())
        .addColumn('code', 'blob', (column) => column.notNull())
        .execute();
      await db.schema
        .createTable('checkpoint')
        .addColumn('at', 'bigint', (column) => column.notNull())
        .addColumn('count', 'bigint', (column) => column.notNull())
        .addColumn('head', 'blob', (column) => column.notNull())
        .addColumn('code', 'blob', (column) => column.notNull())
        .execute();
    },
  },
  '0002-ids': {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema.alterTable('records').addColumn('id', 'text').execute();
      await sql`create unique index records_id on records (id) where id is not null`.execute(db);
      await sql`create index records_operated on records (seq) where ${sql.raw(isOperated)}`.execute(db);
    },
  },
};
