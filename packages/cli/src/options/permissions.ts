import { bitsOf, type PermissionName, permissionNames, presets } from '@roomkey/tickets/permissions';
import { InvalidArgumentError } from 'commander';

/** The byte of `--permissions`: a number from 0 to 255, a preset, or names of permissions with commas between. */
export function permissionBits(text: string): number {
  if (/^\d{1,3}$/.test(text) && Number(text) <= 255) return Number(text);
  if (isPreset(text)) return presets[text];
  const names = text.split(',').map((name) => name.trim());
  if (names.every(isPermission)) return bitsOf(names);
  throw new InvalidArgumentError(
    `Give a number from 0 to 255, ${Object.keys(presets).join(' or ')}, or some of ${permissionNames.join(',')}.`,
  );
}

function isPreset(text: string): text is keyof typeof presets {
  return Object.hasOwn(presets, text);
}

function isPermission(text: string): text is PermissionName {
  return permissionNames.some((name) => name === text);
}
