import type { Slot } from '@roomkey/tickets/permissions';
import type { ModelKey } from './race-changes.fixture.ts';

/** What the model knows of a member. */
export interface ModelMember {
  /** The connection over which it entered: it names the seat. */
  readonly entry: string;
  /** The connection that has the seat; undefined: none. */
  connection: string | undefined;
  /** What is carried, whether it is looked at or not. */
  carried: ModelKey;
  /** Set while it is enforced. */
  isEnforced: boolean;
  /** Where it is only observed: it was good when it was looked at last. */
  wasGood: boolean;
  /** How keys were looked at when this one was. */
  looked: 'off' | 'observe' | 'enforce';
  role: 'anchor' | 'audience';
  asked: readonly string[];
  isLapsed: boolean;
  readonly signed: number;
  /** The secret key that signed the UserSig. */
  readonly signedBy: string;
  /** Published slots; with a time, they are lost at that time if their media does not come back. */
  readonly tracks: Map<Slot, number | undefined>;
  /** Those of them that nobody knows of: the media plane has not opened them. */
  readonly unopened: Set<Slot>;
  readonly refused: Set<string>;
  awayUntil: number | undefined;
  graceUntil: number | undefined;
}

/** All that the model knows. */
export interface ModelState {
  /** So many members may send. */
  readonly places: number;
  now: number;
  control: 'off' | 'observe' | 'enforce';
  expiryPolicy: 'keep' | 'demote' | 'remove';
  stalePolicy: 'remove' | 'refuse';
  /** Secret keys that are not active. */
  readonly secretKeys: Map<string, 'retired' | 'compromised'>;
  readonly members: Map<string, ModelMember>;
  readonly denied: Map<string, { readonly names: readonly string[]; readonly until: number }>;
  readonly banned: Set<string>;
  /** The last second of void tickets: of users, of the room, of the application. */
  readonly marks: Map<string, number>;
  /** Who may send or waits to, in the order in which they came. */
  queue: string[];
  /** Whom over which connection was told to be out, and why. */
  readonly sentOff: Map<string, string>;
}

/** A member that changes apart from the one given. */
export const copyOf = (member: ModelMember): ModelMember => ({
  ...member,
  tracks: new Map(member.tracks),
  unopened: new Set(member.unopened),
  refused: new Set(member.refused),
});

/** A room in which nobody is, and everything is as an application begins. */
export const emptyState = (places: number, now: number): ModelState => ({
  places,
  now,
  control: 'enforce',
  expiryPolicy: 'keep',
  stalePolicy: 'remove',
  secretKeys: new Map(),
  members: new Map(),
  denied: new Map(),
  banned: new Set(),
  marks: new Map(),
  queue: [],
  sentOff: new Map(),
});

/** A state that changes apart from the one given. */
export const copyOfState = (state: ModelState): ModelState => ({
  ...state,
  secretKeys: new Map(state.secretKeys),
  members: new Map([...state.members].map(([user, member]) => [user, copyOf(member)])),
  denied: new Map(state.denied),
  banned: new Set(state.banned),
  marks: new Map(state.marks),
  queue: [...state.queue],
  sentOff: new Map(state.sentOff),
});
