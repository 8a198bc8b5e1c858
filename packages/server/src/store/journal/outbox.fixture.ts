import path from 'node:path';
import Database from 'libsql';
import type { NamedRecord } from '../../ports/index.ts';

/** The records in the outbox of a data folder, in the order in which they were kept. */
export function outboxOf(folder: string): NamedRecord[] {
  const database = new Database(path.join(folder, 'roomkey.db'));
  const rows = database.prepare('select id, record from journal_outbox order by rowid').all() as {
    id: string;
    record: string;
  }[];
  database.close();
  return rows.map(({ id, record }) => ({ id, ...JSON.parse(record) }));
}
