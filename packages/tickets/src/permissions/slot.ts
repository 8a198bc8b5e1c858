import { Permission } from './permission.ts';

/** What a member can send: one track in each. */
export const slots = ['microphone', 'camera', 'screen', 'screenAudio'] as const;

export type Slot = (typeof slots)[number];

export type Direction = 'send' | 'recv';

/**
 * The one kind of track that a slot takes.
 *
 * @example
 * ```ts
 * slotKind('screenAudio'); // 'audio'
 * ```
 */
export function slotKind(slot: Slot): 'audio' | 'video' {
  return slot === 'microphone' || slot === 'screenAudio' ? 'audio' : 'video';
}

/**
 * The bits that sending into, or receiving from, a slot needs; all of them must be held.
 * `screenAudio` needs the sub bit and the audio bit of its direction, because every sound is audio.
 *
 * @example
 * ```ts
 * slotNeeds('send', 'camera'); // 16
 * permissionsOf(slotNeeds('recv', 'screenAudio')); // ['recvAudio', 'recvSub']
 * ```
 */
export function slotNeeds(direction: Direction, slot: Slot): number {
  return needs[direction][slot];
}

const needs: Record<Direction, Record<Slot, number>> = {
  send: {
    microphone: Permission.sendAudio,
    camera: Permission.sendVideo,
    screen: Permission.sendSub,
    screenAudio: Permission.sendSub | Permission.sendAudio,
  },
  recv: {
    microphone: Permission.recvAudio,
    camera: Permission.recvVideo,
    screen: Permission.recvSub,
    screenAudio: Permission.recvSub | Permission.recvAudio,
  },
};
