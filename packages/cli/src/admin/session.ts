import type { AdminClient } from '@roomkey/server/admin';
import type { Terminal } from '../terminal/terminal.ts';

/** Does something with the administration of the data folder that the environment names. */
export async function withAdmin<T>(terminal: Terminal, use: (admin: AdminClient) => Promise<T>): Promise<T> {
  const [{ openAdmin }, { loadConfig }] = await Promise.all([
    import('@roomkey/server/admin'),
    import('@roomkey/server/config'),
  ]);
  const { dataDir, masterKey } = loadConfig(terminal.env);
  const admin = await openAdmin({ folder: dataDir, masterKey });
  try {
    return await use(admin);
  } finally {
    await admin.close();
  }
}
