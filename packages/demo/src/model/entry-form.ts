import { isRoomId, isStrRoomId, isUserId, type RoomRef } from '@roomkey/protocol';
import { presets } from '@roomkey/tickets/permissions';
import { otherName, randomName } from './name.ts';
import { type Refusal, refusalOf } from './refusal.ts';

/** What the visitor chose before entering. */
export interface EntryForm {
  readonly name: string;
  /** Numeric 123 and text "123" are two rooms. */
  readonly roomKind: 'number' | 'text';
  readonly room: string;
  readonly scene: 'rtc' | 'live';
  readonly role: 'anchor' | 'audience';
  /** The permission byte that the ticket is asked to hold. */
  readonly permissions: number;
  readonly withMicrophone: boolean;
  readonly withCamera: boolean;
}

/** Which field is wrong, and why. */
export interface FormFault {
  readonly field: 'name' | 'room';
  readonly refusal: Refusal;
}

/** The form as the address opens it: the hash may hold `name`, `room`, `kind` and `scene`, and nothing else is read. */
export function formFromHash(hash: string, random: () => number): EntryForm {
  const given = new URLSearchParams(hash.replace(/^#/, ''));
  return {
    name: given.get('name') || randomName(random),
    roomKind: given.get('kind') === 'text' ? 'text' : 'number',
    room: given.get('room') || '123',
    scene: given.get('scene') === 'live' ? 'live' : 'rtc',
    role: 'anchor',
    permissions: presets.anchor,
    withMicrophone: true,
    withCamera: true,
  };
}

/**
 * The form as the page opens: as this tab left it where it kept one, so that a page that is loaded again stands before the same
 * door, else as the address opens it.
 */
export function firstForm(kept: unknown, hash: string, random: () => number): EntryForm {
  const form = formFromHash(hash, random);
  return isLike(form, kept) ? kept : form;
}

/** What a tab kept may come from another version of the page. */
function isLike(form: EntryForm, kept: unknown): kept is EntryForm {
  if (typeof kept !== 'object' || kept === null) return false;
  const values = new Map(Object.entries(kept));
  return Object.entries(form).every(([key, value]) => typeof values.get(key) === typeof value);
}

/** The hash for somebody else who is to come into the same room. */
export function hashForAnother(form: EntryForm, taken: readonly string[], random: () => number): string {
  const params = new URLSearchParams({ room: form.room, kind: form.roomKind, scene: form.scene });
  params.set('name', otherName([form.name, ...taken], random));
  return `#${params}`;
}

/** What keeps the form from being sent; the server would refuse the same. */
export function faultOf({ name, roomKind, room }: EntryForm): FormFault | undefined {
  if (!isUserId(name)) return { field: 'name', refusal: refusalOf('userIdIllegal') };
  if (room === '') return { field: 'room', refusal: refusalOf('roomIdMissing') };
  if (roomKind === 'text') {
    return isStrRoomId(room) ? undefined : { field: 'room', refusal: refusalOf('strRoomIdIllegal') };
  }
  const isNumber = /^[0-9]+$/.test(room) && isRoomId(Number(room));
  return isNumber ? undefined : { field: 'room', refusal: refusalOf('roomIdIllegal') };
}

/** The room of a form without fault. */
export function roomOf({ roomKind, room }: Pick<EntryForm, 'roomKind' | 'room'>): RoomRef {
  return roomKind === 'number' ? { roomId: Number(room) } : { strRoomId: room };
}

/** How the page names a room: a text stands in quotation marks, a number does not. */
export function roomLabel({ roomKind, room }: Pick<EntryForm, 'roomKind' | 'room'>): string {
  return roomKind === 'number' ? `room ${Number(room)}` : `room “${room}”`;
}
