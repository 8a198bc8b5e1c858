import type { Deadline } from './deadline.ts';
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
  /** As entered; role and permissions as they are now, after what was changed inside. */
  readonly form: EntryForm;
  readonly connection: 'connected' | 'reconnecting';
  readonly explanation: Explanation;
  readonly people: readonly Person[];
  readonly devices: Readonly<Record<Device, DeviceState>>;
  /** What was refused and not put away yet, newest first. */
  readonly refusals: readonly Refusal[];
  /** The permission byte that the switches ask for, for the next ticket. */
  readonly wish: number;
  /** What the server is being asked to change. */
  readonly asking: 'ticket' | 'role' | undefined;
  readonly deadline: Deadline | undefined;
  /** The browser plays no sound before a click. */
  readonly silenced: boolean;
}

/** Where the visitor is. */
export type State =
  | { readonly at: 'door'; readonly form: EntryForm; readonly refusal: Refusal | undefined }
  | { readonly at: 'entering'; readonly form: EntryForm }
  | InRoom;
