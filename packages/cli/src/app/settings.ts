import { type Command, Option } from 'commander';
import { wholeNumber } from '../options/values.ts';

/** Settings of an application as the command line gives them; absent ones stay. */
export interface SettingOptions {
  readonly name?: string;
  readonly permissionControl?: PermissionControl;
  readonly expiryPolicy?: 'keep' | 'demote' | 'remove';
  readonly staleKeyPolicy?: 'remove' | 'refuse';
  readonly duplicatePolicy?: 'replace' | 'refuse';
  readonly maxMembersPerRoom?: number;
  readonly maxRooms?: number;
  readonly lingerSeconds?: number;
  readonly graceSeconds?: number;
}

export type PermissionControl = (typeof permissionControls)[number];
export const permissionControls = ['off', 'observe', 'enforce'] as const;
export const keyStates = ['active', 'retired', 'compromised'] as const;

/** Adds an option for each setting of an application. */
export function addSettingOptions(command: Command): Command {
  return command
    .option('--name <text>', 'what operators call it')
    .addOption(
      new Option(
        '--permission-control <mode>',
        'whether a PrivateMapKey is needed: not at all, only reported, needed',
      ).choices(permissionControls),
    )
    .addOption(
      new Option(
        '--expiry-policy <policy>',
        'what happens when the PrivateMapKey of a member inside expires',
      ).choices(['keep', 'demote', 'remove']),
    )
    .addOption(
      new Option(
        '--stale-key-policy <policy>',
        'what happens to a member who becomes an anchor with a PrivateMapKey that no longer verifies',
      ).choices(['remove', 'refuse']),
    )
    .addOption(
      new Option('--duplicate-policy <policy>', 'what happens when a user enters a room twice').choices([
        'replace',
        'refuse',
      ]),
    )
    .option('--max-members-per-room <number>', 'most members of a room', wholeNumber)
    .option('--max-rooms <number>', 'most rooms at a time', wholeNumber)
    .option('--linger-seconds <number>', 'how long an empty room goes on existing', wholeNumber)
    .option(
      '--grace-seconds <number>',
      'how long members without a good PrivateMapKey may stay after control was switched to enforce',
      wholeNumber,
    );
}

/** The settings among the options of a command. */
export function settingsFrom(options: SettingOptions): SettingOptions {
  const { name, permissionControl, expiryPolicy, staleKeyPolicy, duplicatePolicy } = options;
  const { maxMembersPerRoom, maxRooms, lingerSeconds, graceSeconds } = options;
  const all = {
    name,
    permissionControl,
    expiryPolicy,
    staleKeyPolicy,
    duplicatePolicy,
    maxMembersPerRoom,
    maxRooms,
    lingerSeconds,
    graceSeconds,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}
