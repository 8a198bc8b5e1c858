import type { Command } from 'commander';

/** Adds the one user whom a command is about. */
export const addUserArgument = (command: Command): Command =>
  withOptionsFirst(command.argument('<user>', 'the user'));

/** Adds the users whom a command is about; `<users...>` where there has to be one. */
export const addUsersArgument = (
  command: Command,
  flags: '<users...>' | '[users...]',
  says: string,
): Command => withOptionsFirst(command.argument(flags, says));

/**
 * Where users are named, every option has to stand before the number of the application, or everything else behind `--`. `--json` is a
 * user id too: behind another user it would be taken for an option, and nobody would see that a user was left out.
 */
const withOptionsFirst = (command: Command): Command =>
  command.hook('preAction', () => {
    const late = optionBehindNumber(command);
    if (late !== undefined)
      command.error(
        `error: ${late} stands behind the number of the application, where it could be a user id. ` +
          'Write options before the number. A user id that begins with "-" goes behind "--".',
      );
  });

/** The first option behind the first of several arguments that stand before `--`. */
function optionBehindNumber(command: Command): string | undefined {
  const late: string[] = [];
  let named = 0;
  const given = argumentsOf(command);
  for (let at = 0; at < given.length && given[at] !== '--'; at++) {
    const [flag = ''] = given[at]?.split('=', 1) ?? [];
    const option = command.options.find(({ long, short }) => flag === long || flag === short);
    if (!option) named += 1;
    else {
      if (named > 0) late.push(flag);
      // Its value is no argument.
      if (option.required && flag === given[at]) at += 1;
    }
  }
  return named > 1 ? late[0] : undefined;
}

/** What was given to a command, as it was written. */
function argumentsOf(command: Command): readonly string[] {
  if (!command.parent) return (command as Command & { readonly rawArgs: readonly string[] }).rawArgs;
  const given = argumentsOf(command.parent);
  return given.slice(given.indexOf(command.name()) + 1);
}
