import type { EntryForm } from './entry-form.ts';
import type { Explanation } from './light.ts';
import type { Person } from './person.ts';
import type { Refusal } from './refusal.ts';

/** What this page can send; the screen's sound goes with the screen. */
export const devices = ['microphone', 'camera', 'screen'] as const;

export type Device = (typeof devices)[number];

export type DeviceState = 'off' | 'starting' | 'on' | 'muted';

/** Everything that the page shows of a room. */
export interface InRoom {
  readonly at: 'room';
  readonly form: EntryForm;
  readonly connection: 'connected' | 'reconnecting';
  readonly explanation: Explanation;
  readonly people: readonly Person[];
  readonly devices: Readonly<Record<Device, DeviceState>>;
  /** What was refused and not put away yet, newest first. */
  readonly refusals: readonly Refusal[];
  /** The browser plays no sound before a click. */
  readonly silenced: boolean;
}

/** Where the visitor is. */
export type State =
  | { readonly at: 'door'; readonly form: EntryForm; readonly refusal: Refusal | undefined }
  | { readonly at: 'entering'; readonly form: EntryForm }
  | InRoom;
