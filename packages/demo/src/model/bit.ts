import {
  allows,
  Permission,
  type PermissionName,
  permissionNames,
  presets,
} from '@roomkey/tickets/permissions';

/** The short word of this page for a permission bit; sentences elsewhere quote it. */
export const bitLabels: Readonly<Record<PermissionName, string>> = {
  createRoom: 'Create room',
  enterRoom: 'Enter room',
  sendAudio: 'Speak',
  recvAudio: 'Hear',
  sendVideo: 'Show camera',
  recvVideo: 'See cameras',
  sendSub: 'Share screen',
  recvSub: 'See screens',
};

/** One permission bit, ready to be shown. */
export interface Bit {
  readonly name: PermissionName;
  readonly label: string;
  readonly value: number;
}

/** The eight bits, lowest first. */
export const bits: readonly Bit[] = permissionNames.map((name) => ({
  name,
  label: bitLabels[name],
  value: Permission[name],
}));

/** Ready-made permission bytes that the page offers. */
export const bitPresets: readonly { readonly label: string; readonly byte: number }[] = [
  { label: 'Anchor', byte: presets.anchor },
  { label: 'Audience', byte: presets.audience },
  { label: 'Audience + create', byte: toggled(presets.audience, 'createRoom') },
];

export function holds(byte: number, name: PermissionName): boolean {
  return allows(byte, Permission[name]);
}

/** The byte with one bit turned over. */
export function toggled(byte: number, name: PermissionName): number {
  return holds(byte, name) ? byte - Permission[name] : byte + Permission[name];
}

/** The byte as two groups of four binary digits, highest bit first. */
export function binary(byte: number): string {
  const digits = byte.toString(2).padStart(8, '0');
  return `${digits.slice(0, 4)} ${digits.slice(4)}`;
}
