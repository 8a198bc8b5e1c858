/**
 * The eight permission bits of a PrivateMapKey, as the vendor's documents number them.
 * `sendSub` / `recvSub` are the substream, that is the shared screen.
 */
export const Permission = {
  createRoom: 1,
  enterRoom: 2,
  sendAudio: 4,
  recvAudio: 8,
  sendVideo: 16,
  recvVideo: 32,
  sendSub: 64,
  recvSub: 128,
} as const;

export type PermissionName = keyof typeof Permission;

/** The eight names, lowest bit first. */
export const permissionNames = [
  'createRoom',
  'enterRoom',
  'sendAudio',
  'recvAudio',
  'sendVideo',
  'recvVideo',
  'sendSub',
  'recvSub',
] as const satisfies readonly PermissionName[];

/** All eight bits. Bits above these mean nothing in a ticket. */
export const lowByte = 0xff;

/** The three bits that let a member send: audio, video, sub. */
export const sendBits = Permission.sendAudio | Permission.sendVideo | Permission.sendSub;

/** The three bits that let a member receive: audio, video, sub. */
export const recvBits = Permission.recvAudio | Permission.recvVideo | Permission.recvSub;

/** The six bits that concern media. */
export const mediaBits = sendBits | recvBits;

/** The two bits that concern entry. */
export const entryBits = Permission.createRoom | Permission.enterRoom;

/** `anchor` may do everything; `audience` may enter an existing room and receive all, and send nothing. */
export const presets = { anchor: lowByte, audience: Permission.enterRoom | recvBits } as const;

/**
 * True when `bits` holds every bit of `need`.
 *
 * @example
 * ```ts
 * allows(presets.audience, Permission.recvAudio); // true
 * allows(presets.audience, sendBits); // false
 * ```
 */
export function allows(bits: number, need: number): boolean {
  return (bits & need) === need;
}

/**
 * The permissions of `need` that `bits` does not hold, lowest first.
 *
 * @example
 * ```ts
 * missing(presets.audience, Permission.sendAudio | Permission.recvAudio); // ['sendAudio']
 * ```
 */
export function missing(bits: number, need: number): PermissionName[] {
  return permissionsOf(need & ~bits);
}

/**
 * True when `bits` holds at least one of the three send bits: such a member belongs on a core node.
 *
 * @example
 * ```ts
 * maySendAnything(presets.audience); // false
 * maySendAnything(Permission.sendAudio); // true
 * ```
 */
export function maySendAnything(bits: number): boolean {
  return (bits & sendBits) !== 0;
}

/**
 * The names of the bits set in `bits`, lowest first; bits above the low byte are ignored.
 *
 * @example
 * ```ts
 * permissionsOf(42); // ['enterRoom', 'recvAudio', 'recvVideo']
 * ```
 */
export function permissionsOf(bits: number): PermissionName[] {
  return permissionNames.filter((name) => allows(bits, Permission[name]));
}

/**
 * The bits of the named permissions; a name given twice counts once.
 *
 * @example
 * ```ts
 * bitsOf(['enterRoom', 'recvAudio', 'recvVideo']); // 42
 * ```
 */
export function bitsOf(names: Iterable<PermissionName>): number {
  let bits = 0;
  for (const name of names) bits |= Permission[name];
  return bits;
}

/**
 * `bits` in which those that `mask` names are as in `value`; low eight bits.
 *
 * @example
 * ```ts
 * replaceBits(255, 12, 8); // 251
 * ```
 */
export function replaceBits(bits: number, mask: number, value: number): number {
  return ((bits & ~mask) | (value & mask)) & lowByte;
}

/**
 * What entry needs: `enterRoom`, and `createRoom` with it when the room does not exist yet.
 *
 * @example
 * ```ts
 * entryNeeds(true); // 2
 * entryNeeds(false); // 3
 * ```
 */
export function entryNeeds(roomExists: boolean): number {
  return roomExists ? Permission.enterRoom : Permission.enterRoom | Permission.createRoom;
}
