import type { Command } from 'commander';
import { addJsonOption } from '../options/operator.ts';
import { addSecretOptions, readSecret, type SecretOptions } from '../options/secret.ts';
import type { Terminal } from '../terminal/terminal.ts';

type RotateOptions = SecretOptions & { readonly json?: true };

/** Adds `roomkey key …`: the master key, which seals what is secret in the data folder. */
export function addKeyCommands(program: Command, terminal: Terminal): void {
  const key = program
    .command('key')
    .description('the master key, which seals the secrets in the data folder');

  addJsonOption(addSecretOptions(key.command('rotate'), 'seal under the new master key'))
    .description(
      'seal everything under a new master key; stop the server before. If it is interrupted, run it again',
    )
    .addHelpText(
      'after',
      `
Without an option a new key is made and put into the file master.key. With one, the file is removed:
from then on give the server that key in ROOMKEY_MASTER_KEY. The old key opens nothing any more.
A backup that was made before needs the old key.`,
    )
    .action(async (options: RotateOptions) => {
      const [{ rotateMasterKey }, { loadConfig, masterKeyFrom }] = await Promise.all([
        import('@roomkey/server/admin'),
        import('@roomkey/server/config'),
      ]);
      const { dataDir: folder, masterKey } = loadConfig(terminal.env);
      const text = await readSecret(options, terminal);
      const newMasterKey = text === undefined ? undefined : masterKeyFrom(text);
      await rotateMasterKey({ folder, masterKey, newMasterKey });
      const place = newMasterKey ? 'ROOMKEY_MASTER_KEY' : `${folder}/master.key`;
      if (options.json) terminal.out(JSON.stringify({ rotated: true, place }));
      else
        terminal.out(
          newMasterKey
            ? 'Everything is sealed under the new master key. From now on start with it in ROOMKEY_MASTER_KEY.'
            : `Everything is sealed under a new master key, which is in ${place}. Back it up.`,
        );
    });
}
