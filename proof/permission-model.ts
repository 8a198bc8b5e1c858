import type { Direction, Slot } from '@roomkey/tickets/permissions';

// What the eight bits mean, written down a second time from their description and with nothing of the product's own
// reckoning: sets of names and no arithmetic on bits, so that a mistake there is not repeated here.

type Bit =
  | 'createRoom'
  | 'enterRoom'
  | 'sendAudio'
  | 'recvAudio'
  | 'sendVideo'
  | 'recvVideo'
  | 'sendSub'
  | 'recvSub';

/** A bit that guards media. */
export type MediaBit = Exclude<Bit, 'createRoom' | 'enterRoom'>;

const values: readonly (readonly [number, Bit])[] = [
  [1, 'createRoom'],
  [2, 'enterRoom'],
  [4, 'sendAudio'],
  [8, 'recvAudio'],
  [16, 'sendVideo'],
  [32, 'recvVideo'],
  [64, 'sendSub'],
  [128, 'recvSub'],
];

const needed: Readonly<Record<Direction, Readonly<Record<Slot, readonly MediaBit[]>>>> = {
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

/** Sending into a slot, or receiving what others send into it: a row of the proof. */
export interface Row {
  readonly direction: Direction;
  readonly slot: Slot;
}

/** The eight rows, in the order in which they are printed. */
export const rows: readonly Row[] = (['send', 'recv'] as const).flatMap((direction) =>
  (['microphone', 'camera', 'screen', 'screenAudio'] as const).map((slot) => ({ direction, slot })),
);

/** Whether a byte has a bit. */
export const has = (byte: number, bit: Bit): boolean =>
  values.some(([value, name]) => name === bit && Math.floor(byte / value) % 2 === 1);

/** Whether a bit guards a row. */
export const guards = (bit: MediaBit, { direction, slot }: Row): boolean =>
  needed[direction][slot].includes(bit);

/** Whether a member with exactly the media bits that `held` lets through may use a row. */
export const rowAllowed = ({ direction, slot }: Row, held: (bit: MediaBit) => boolean): boolean =>
  needed[direction][slot].every(held);

/** Whether a bit is one of the three for sending. */
export const sends = (bit: MediaBit): boolean =>
  rows.some((row) => row.direction === 'send' && guards(bit, row));
