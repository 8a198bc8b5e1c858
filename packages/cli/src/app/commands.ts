import type { AdminInput, AdminResult, ApplicationView, NewKey } from '@roomkey/protocol';
import { Argument, type Command } from 'commander';
import { allPages } from '../admin/pages.ts';
import { withAdmin } from '../admin/session.ts';
import { sdkAppIdArgument } from '../options/operator.ts';
import { addRoomOptions, type RoomOptions, roomFrom } from '../options/room.ts';
import { addSecretOptions, readSecret, type SecretOptions } from '../options/secret.ts';
import { wholeNumber } from '../options/values.ts';
import { textTable } from '../terminal/table.ts';
import type { Terminal } from '../terminal/terminal.ts';
import {
  addSettingOptions,
  keyStates,
  type PermissionControl,
  permissionControls,
  type SettingOptions,
  settingsFrom,
} from './settings.ts';
import { applicationListText, applicationText, observedText, roomControlsText } from './text.ts';

interface JsonOption {
  readonly json?: true;
}

const controlArgument = () => new Argument('<mode>', 'its permission control').choices(permissionControls);

/**
 * Adds `roomkey app …`: applications, their keys and the permission control of single rooms. The commands talk to the
 * server of `ROOMKEY_DATA_DIR`, or work on that folder themselves when no server runs.
 */
export function addAppCommands(program: Command, terminal: Terminal): void {
  const app = program.command('app').description('applications: make, list, show and change them');
  const show = ({ json }: JsonOption, application: ApplicationView): void =>
    terminal.out(json ? JSON.stringify({ application }) : applicationText(application));

  addSecretOptions(addSettingOptions(app.command('create')))
    .description('make an application with one key')
    .option('--sdk-app-id <number>', 'its number (default: a free one)', wholeNumber)
    .option('--json', 'print one JSON object')
    .action(async (options: SettingOptions & SecretOptions & JsonOption & { sdkAppId?: number }) => {
      const secret = await readSecret(options, terminal);
      const asked = { sdkAppId: options.sdkAppId, settings: settingsFrom(options), secret };
      const made = await withAdmin(terminal, (admin) => admin.call('app.create', asked));
      showKey(terminal, options, made);
    });

  app
    .command('list')
    .description('list the applications')
    .option('--json', 'print one JSON object')
    .action(async ({ json }: JsonOption) => {
      const applications = await withAdmin(terminal, (admin) =>
        allPages(async (after) => {
          const page = await admin.call('app.list', { after, limit: 1000 });
          return { rows: page.applications, next: page.next };
        }),
      );
      terminal.out(json ? JSON.stringify({ applications }) : applicationListText(applications));
    });

  app
    .command('show')
    .description('show one application, without its secrets')
    .addArgument(sdkAppIdArgument())
    .option('--json', 'print one JSON object')
    .action(async (sdkAppId: number, options: JsonOption) => {
      const shown = await withAdmin(terminal, (admin) => admin.call('app.show', { sdkAppId }));
      const text = [applicationText(shown.application), ...observedText(shown.observed)];
      terminal.out(options.json ? JSON.stringify(shown) : text.join('\n\n'));
    });

  addSettingOptions(app.command('set').addArgument(sdkAppIdArgument()))
    .description('change settings of an application')
    .option('--json', 'print one JSON object')
    .action(async (sdkAppId: number, options: SettingOptions & JsonOption, command: Command) => {
      const settings = settingsFrom(options);
      if (Object.keys(settings).length === 0) command.error('error: name a setting to change');
      const answer = await withAdmin(terminal, (admin) => admin.call('app.set', { sdkAppId, settings }));
      show(options, answer.application);
    });

  addKeyCommands(app, terminal, show);
  addRoomControlCommands(app, terminal, show);
}

type Show = (options: JsonOption, application: ApplicationView) => void;

function addKeyCommands(app: Command, terminal: Terminal, show: Show): void {
  const key = app.command('key').description('secret keys of an application');

  addSecretOptions(key.command('add').addArgument(sdkAppIdArgument()))
    .description('add an active key: a new one, or one that exists elsewhere')
    .option('--json', 'print one JSON object')
    .action(async (sdkAppId: number, options: SecretOptions & JsonOption) => {
      const secret = await readSecret(options, terminal);
      const added = await withAdmin(terminal, (admin) => admin.call('app.addKey', { sdkAppId, secret }));
      showKey(terminal, options, added);
    });

  key
    .command('set-state')
    .description('retire a key (verifies nothing new), take it back, or call it compromised (for good)')
    .addArgument(sdkAppIdArgument())
    .argument('<keyId>', 'name of the key, like k1')
    .addArgument(new Argument('<state>', 'its new state').choices(keyStates))
    .option('--json', 'print one JSON object')
    .action(async (sdkAppId: number, keyId: string, state: KeyState, options: JsonOption) => {
      const answer = await withAdmin(terminal, (admin) =>
        admin.call('app.setKeyState', { sdkAppId, keyId, state }),
      );
      show(options, answer.application);
    });
}

type KeyState = AdminInput<'app.setKeyState'>['state'];

function addRoomControlCommands(app: Command, terminal: Terminal, show: Show): void {
  const control = app
    .command('room-control')
    .description('permission control of single rooms; it holds for every life of a room');

  addRoomOptions(control.command('set').addArgument(sdkAppIdArgument()).addArgument(controlArgument()))
    .description('give a room a permission control of its own')
    .option('--json', 'print one JSON object')
    .action(
      async (
        sdkAppId: number,
        permissionControl: PermissionControl,
        options: RoomOptions & JsonOption,
        command: Command,
      ) => {
        const room = roomFrom(options, command);
        const answer = await withAdmin(terminal, (admin) =>
          admin.call('app.setRoomControl', { sdkAppId, room, permissionControl }),
        );
        show(options, answer.application);
      },
    );

  addRoomOptions(control.command('clear').addArgument(sdkAppIdArgument()))
    .description('let a room follow its application again')
    .option('--json', 'print one JSON object')
    .action(async (sdkAppId: number, options: RoomOptions & JsonOption, command: Command) => {
      const room = roomFrom(options, command);
      const answer = await withAdmin(terminal, (admin) =>
        admin.call('app.clearRoomControl', { sdkAppId, room }),
      );
      show(options, answer.application);
    });

  control
    .command('list')
    .description('list the rooms that have a permission control of their own')
    .addArgument(sdkAppIdArgument())
    .option('--json', 'print one JSON object')
    .action(async (sdkAppId: number, { json }: JsonOption) => {
      const roomControls = await withAdmin(terminal, (admin) =>
        allPages(async (after) => {
          const page = await admin.call('app.listRoomControls', { sdkAppId, after, limit: 1000 });
          return { rows: page.roomControls, next: page.next };
        }),
      );
      terminal.out(json ? JSON.stringify({ roomControls }) : roomControlsText(roomControls));
    });
}

/** Shows a key that was just added: the only time that its secret is seen. */
function showKey(
  terminal: Terminal,
  { json }: JsonOption,
  { application, key }: { application: ApplicationView; key: NewKey } & AdminResult<'app.addKey'>,
): void {
  if (json) terminal.out(JSON.stringify({ application, key }));
  else
    terminal.out(
      textTable([
        ['SDKAppID', String(application.sdkAppId)],
        ['key id', key.keyId],
        ...(key.secret === undefined ? [] : [['secret key', key.secret]]),
      ]),
    );
  if (key.secret !== undefined) terminal.err('Keep the secret key: it is not shown again.');
}
