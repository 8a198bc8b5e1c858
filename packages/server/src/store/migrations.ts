import { type Kysely, type Migration, sql } from 'kysely';

/** Every step of the schema of `roomkey.db`, in order. A step that was released is never changed. */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-applications': {
    async up(db: Kysely<unknown>): Promise<void> {
      const oneOf = (column: string, ...words: string[]) =>
        sql`${sql.ref(column)} in (${sql.join(words.map((word) => sql.lit(word)))})`;
      await db.schema
        .createTable('applications')
        .addColumn('sdk_app_id', 'bigint', (column) => column.primaryKey())
        .addColumn('name', 'text', (column) => column.notNull())
        .addColumn('permission_control', 'text', (column) => column.notNull())
        .addColumn('expiry_policy', 'text', (column) => column.notNull())
        .addColumn('stale_key_policy', 'text', (column) => column.notNull())
        .addColumn('duplicate_policy', 'text', (column) => column.notNull())
        .addColumn('max_members_per_room', 'integer', (column) => column.notNull())
        .addColumn('max_rooms', 'integer', (column) => column.notNull())
        .addColumn('linger_seconds', 'integer', (column) => column.notNull())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .addCheckConstraint('permission_control', oneOf('permission_control', 'off', 'observe', 'enforce'))
        .addCheckConstraint('expiry_policy', oneOf('expiry_policy', 'keep', 'demote', 'remove'))
        .addCheckConstraint('stale_key_policy', oneOf('stale_key_policy', 'remove', 'refuse'))
        .addCheckConstraint('duplicate_policy', oneOf('duplicate_policy', 'replace', 'refuse'))
        .execute();
      await db.schema
        .createTable('secret_keys')
        .addColumn('sdk_app_id', 'bigint', (column) => column.notNull().references('applications.sdk_app_id'))
        .addColumn('key_id', 'text', (column) => column.notNull())
        .addColumn('position', 'integer', (column) => column.notNull())
        .addColumn('sealed_secret', 'text', (column) => column.notNull())
        .addColumn('state', 'text', (column) => column.notNull())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .addPrimaryKeyConstraint('secret_keys_pk', ['sdk_app_id', 'key_id'])
        .addUniqueConstraint('secret_keys_position', ['sdk_app_id', 'position'])
        .addCheckConstraint('state', oneOf('state', 'active', 'retired', 'compromised'))
        .execute();
      await db.schema
        .createTable('room_controls')
        .addColumn('sdk_app_id', 'bigint', (column) => column.notNull().references('applications.sdk_app_id'))
        .addColumn('room', 'text', (column) => column.notNull())
        .addColumn('permission_control', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('room_controls_pk', ['sdk_app_id', 'room'])
        .addCheckConstraint(
          'room_permission_control',
          oneOf('permission_control', 'off', 'observe', 'enforce'),
        )
        .execute();
      await db.schema
        .createTable('store_facts')
        .addColumn('name', 'text', (column) => column.primaryKey())
        .addColumn('value', 'text', (column) => column.notNull())
        .execute();
    },
  },
  '0002-restrictions': {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable('denials')
        .addColumn('sdk_app_id', 'bigint', (column) => column.notNull().references('applications.sdk_app_id'))
        .addColumn('room', 'text', (column) => column.notNull())
        .addColumn('user_id', 'text', (column) => column.notNull())
        .addColumn('mask', 'integer', (column) => column.notNull())
        .addColumn('version', 'integer', (column) => column.notNull())
        .addColumn('actor', 'text', (column) => column.notNull())
        .addColumn('cause', 'text', (column) => column.notNull())
        .addColumn('since', 'bigint', (column) => column.notNull())
        .addColumn('expires_at', 'bigint', (column) => column.notNull())
        .addPrimaryKeyConstraint('denials_pk', ['sdk_app_id', 'room', 'user_id'])
        .addCheckConstraint('denials_mask', sql`mask between 0 and 255`)
        .execute();
      await db.schema
        .createTable('bans')
        .addColumn('sdk_app_id', 'bigint', (column) => column.notNull().references('applications.sdk_app_id'))
        .addColumn('room', 'text', (column) => column.notNull())
        .addColumn('user_id', 'text', (column) => column.notNull())
        .addColumn('until', 'bigint', (column) => column.notNull())
        .addColumn('actor', 'text', (column) => column.notNull())
        .addColumn('cause', 'text', (column) => column.notNull())
        .addColumn('since', 'bigint', (column) => column.notNull())
        .addPrimaryKeyConstraint('bans_pk', ['sdk_app_id', 'room', 'user_id'])
        .execute();
      await db.schema
        .createTable('watermarks')
        .addColumn('sdk_app_id', 'bigint', (column) => column.notNull().references('applications.sdk_app_id'))
        .addColumn('target', 'text', (column) => column.notNull())
        .addColumn('at', 'bigint', (column) => column.notNull())
        .addColumn('actor', 'text', (column) => column.notNull())
        .addColumn('cause', 'text', (column) => column.notNull())
        .addColumn('since', 'bigint', (column) => column.notNull())
        .addPrimaryKeyConstraint('watermarks_pk', ['sdk_app_id', 'target'])
        .execute();
    },
  },
  '0003-grace': {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .alterTable('applications')
        .addColumn('grace_seconds', 'integer', (column) => column.notNull().defaultTo(60))
        .execute();
    },
  },
  '0004-revocations': {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema.alterTable('watermarks').renameTo('revocations').execute();
    },
  },
  '0005-versions': {
    async up(db: Kysely<unknown>): Promise<void> {
      for (const table of ['applications', 'bans', 'revocations'])
        await db.schema
          .alterTable(table)
          .addColumn('version', 'integer', (column) => column.notNull().defaultTo(1))
          .execute();
    },
  },
  '0006-outbox': {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable('journal_outbox')
        .addColumn('id', 'text', (column) => column.notNull().unique())
        .addColumn('record', 'text', (column) => column.notNull())
        .addColumn('code', 'text', (column) => column.notNull())
        .execute();
    },
  },
  '0007-actors': {
    async up(db: Kysely<unknown>): Promise<void> {
      // Operators alone have restricted anybody so far.
      for (const table of ['denials', 'bans', 'revocations'])
        await db.schema
          .alterTable(table)
          .addColumn('actor_type', 'text', (column) => column.notNull().defaultTo('operator'))
          .execute();
    },
  },
  '0008-version-floors': {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable('version_floors')
        .addColumn('sdk_app_id', 'bigint', (column) =>
          column.primaryKey().references('applications.sdk_app_id'),
        )
        .addColumn('version', 'integer', (column) => column.notNull())
        .execute();
    },
  },
  '0009-usage': {
    async up(db: Kysely<unknown>): Promise<void> {
      // Without a reference to the application: what was used stays true without it.
      await db.schema
        .createTable('usage')
        .addColumn('day', 'integer', (column) => column.notNull())
        .addColumn('sdk_app_id', 'bigint', (column) => column.notNull())
        .addColumn('room', 'text', (column) => column.notNull())
        .addColumn('five_minutes', 'integer', (column) => column.notNull())
        .addColumn('core', 'bigint', (column) => column.notNull())
        .addColumn('outer', 'bigint', (column) => column.notNull())
        .addPrimaryKeyConstraint('usage_pk', ['day', 'sdk_app_id', 'room', 'five_minutes'])
        // The rows lie in the order of their days: those of now are written and those of then are deleted in one place.
        .modifyEnd(sql`without rowid`)
        .execute();
    },
  },
};
