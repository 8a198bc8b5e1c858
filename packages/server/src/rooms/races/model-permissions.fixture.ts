import type { Slot } from '@roomkey/tickets/permissions';

/** Every permission, lowest bit first. */
export const names = [
  'createRoom',
  'enterRoom',
  'sendAudio',
  'recvAudio',
  'sendVideo',
  'recvVideo',
  'sendSub',
  'recvSub',
];
/** The permissions to send. */
export const sending = ['sendAudio', 'sendVideo', 'sendSub'];
/** What sending into a slot and receiving from it take. */
export const needs: Readonly<Record<'send' | 'recv', Readonly<Record<Slot, readonly string[]>>>> = {
  send: {
    microphone: ['sendAudio'],
    camera: ['sendVideo'],
    screen: ['sendSub'],
    screenAudio: ['sendSub', 'sendAudio'],
  },
  recv: {
    microphone: ['recvAudio'],
    camera: ['recvVideo'],
    screen: ['recvSub'],
    screenAudio: ['recvSub', 'recvAudio'],
  },
};

const bytes = Array.from({ length: 256 }, (_, byte) =>
  names.filter((_name, index) => Math.floor(byte / 2 ** index) % 2 === 1),
);
/** The names of the permissions in a byte. */
export const namesOf = (byte: number): readonly string[] => bytes[byte] ?? [];
