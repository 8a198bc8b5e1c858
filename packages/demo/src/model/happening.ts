import { advised, advisedAnew, isOutdated } from './advice.ts';
import type { Deadline } from './deadline.ts';
import type { EntryForm } from './entry-form.ts';
import type { Explanation } from './light.ts';
import { type Stream, type Watching, withoutPerson, withPerson } from './person.ts';
import { type Refusal, refusalAbout, refusalOf, withRefusal } from './refusal.ts';
import type { Device, DeviceState, InRoom, State } from './state.ts';

/** Everything that can happen to the page. */
export type Happening =
  | { readonly type: 'formChanged'; readonly form: EntryForm }
  | { readonly type: 'entering' }
  | { readonly type: 'entryRefused'; readonly refusal: Refusal }
  /** Admitted, for the first time or after a lost connection. */
  | { readonly type: 'inside'; readonly explanation: Explanation }
  /** Other permissions are in force. */
  | { readonly type: 'explained'; readonly explanation: Explanation }
  | { readonly type: 'wished'; readonly permissions: number }
  | { readonly type: 'asking'; readonly asking: InRoom['asking'] }
  | { readonly type: 'ticketTaken'; readonly permissions: number }
  | { readonly type: 'roleTaken'; readonly role: EntryForm['role'] }
  | { readonly type: 'ticketNeeded'; readonly deadline: Deadline }
  | { readonly type: 'reconnecting' }
  /** With the reason where it was not the visitor's own wish. */
  | { readonly type: 'left'; readonly refusal?: Refusal }
  | { readonly type: 'personEntered'; readonly userId: string }
  | { readonly type: 'personLeft'; readonly userId: string }
  | { readonly type: 'sound'; readonly userId: string; readonly audible: boolean }
  | {
      readonly type: 'picture';
      readonly userId: string;
      readonly stream: Stream;
      readonly watching: Watching;
    }
  | { readonly type: 'device'; readonly device: Device; readonly state: DeviceState }
  | { readonly type: 'refused'; readonly refusal: Refusal }
  | { readonly type: 'refusalRead'; readonly refusal: Refusal }
  | { readonly type: 'silenced'; readonly silenced: boolean };

/** The state after something happened; the same object where it changes nothing. */
export function next(state: State, happening: Happening): State {
  switch (happening.type) {
    case 'formChanged':
      return state.at === 'door' ? { at: 'door', form: happening.form, refusal: undefined } : state;
    case 'entering':
      return state.at === 'door' ? { at: 'entering', form: state.form } : state;
    case 'entryRefused':
      return state.at === 'entering' ? { at: 'door', form: state.form, refusal: happening.refusal } : state;
    case 'inside':
      if (state.at === 'entering') return room(state.form, happening.explanation);
      if (state.at === 'door') return state;
      return explained({ ...state, connection: 'connected' }, happening.explanation);
    case 'left':
      return state.at === 'door' ? state : { at: 'door', form: state.form, refusal: happening.refusal };
    default:
      return state.at === 'room' ? inRoom(state, happening) : state;
  }
}

type RoomHappening = Exclude<
  Happening,
  { readonly type: 'formChanged' | 'entering' | 'entryRefused' | 'inside' | 'left' }
>;

function inRoom(room: InRoom, happening: RoomHappening): InRoom {
  switch (happening.type) {
    case 'explained':
      return explained(room, happening.explanation);
    case 'wished':
      return { ...room, wish: happening.permissions };
    case 'asking':
      return { ...room, asking: happening.asking };
    case 'ticketTaken':
      return { ...room, form: { ...room.form, permissions: happening.permissions }, deadline: undefined };
    case 'roleTaken':
      return { ...room, form: { ...room.form, role: happening.role } };
    case 'ticketNeeded':
      return { ...room, deadline: happening.deadline };
    case 'reconnecting':
      return { ...room, connection: 'reconnecting' };
    case 'personEntered':
      return { ...room, people: withPerson(room.people, happening.userId, {}) };
    case 'personLeft':
      return { ...room, people: withoutPerson(room.people, happening.userId) };
    case 'sound':
      return { ...room, people: withPerson(room.people, happening.userId, { audible: happening.audible }) };
    case 'picture': {
      const { userId, stream, watching } = happening;
      return { ...room, people: withPerson(room.people, userId, { [stream]: watching }) };
    }
    case 'device':
      return { ...room, devices: { ...room.devices, [happening.device]: happening.state } };
    case 'refused':
      return {
        ...room,
        refusals: withRefusal(room.refusals, advised(happening.refusal, room.explanation)),
      };
    case 'refusalRead':
      return { ...room, refusals: room.refusals.filter((refusal) => refusal !== happening.refusal) };
    case 'silenced':
      return { ...room, silenced: happening.silenced };
  }
}

/** What was refused for want of a permission that is in force now is no news any more; what helps can be another thing. */
const explained = (room: InRoom, explanation: Explanation): InRoom => ({
  ...room,
  explanation,
  refusals: room.refusals
    .filter((refusal) => !isOutdated(refusal, explanation))
    .map((refusal) => advisedAnew(refusal, explanation)),
});

const room = (form: EntryForm, explanation: Explanation): InRoom => ({
  at: 'room',
  form,
  connection: 'connected',
  explanation,
  people: [],
  devices: { microphone: 'off', camera: 'off', screen: 'off' },
  refusals: [],
  wish: form.permissions,
  asking: undefined,
  deadline: undefined,
  silenced: false,
});

/** What `KICKED_OUT` means to the visitor, by its reason; `ticketCause` says what is wrong with a ticket. */
export function removalRefusal(reason: string, ticketCause?: string): Refusal {
  if (ticketCause !== undefined) return refusalAbout('You were put out', refusalOf(ticketCause));
  const cause = { kick: 'enteredElsewhere', banned: 'banned', room_disband: 'roomDismissed' }[reason];
  return refusalOf(cause ?? reason, 'The server put you out of the room.');
}
