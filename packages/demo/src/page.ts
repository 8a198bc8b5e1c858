import { announcement } from './model/announcement.ts';
import { type EntryForm, firstForm, hashForAnother, roomLabel } from './model/entry-form.ts';
import { detailOf, type LogLine, logged } from './model/event-log.ts';
import { type Happening, next } from './model/happening.ts';
import type { State } from './model/state.ts';
import { Session } from './session.ts';
import { DoorView } from './view/door-view.ts';
import { setText } from './view/element.ts';
import { RoomView } from './view/room-view.ts';

/** The page: one state, and the view that belongs to it. */
export class Page {
  readonly #place: HTMLElement;
  readonly #announcer: HTMLElement;
  readonly #door: DoorView;
  readonly #room: RoomView;
  #state: State;
  #lines: readonly LogLine[] = [];
  #session: Session | undefined;
  /** Made once a stay, so that the link does not change under the pointer. */
  #invitation = '';

  constructor(place: HTMLElement, announcer: HTMLElement) {
    this.#place = place;
    this.#announcer = announcer;
    const form = firstForm(history.state, location.hash, Math.random);
    this.#keep(form);
    this.#state = { at: 'door', form, refusal: undefined };
    this.#door = new DoorView(form, {
      onChange: (changed) => this.#tell({ type: 'formChanged', form: changed }),
      onEnter: (complete) => {
        this.#session = this.#newSession();
        void this.#session.enter(complete);
      },
    });
    this.#room = new RoomView({
      onToggle: (device) => this.#session?.toggle(device),
      onLeave: () => void this.#session?.leave(),
      onRead: (refusal) => this.#tell({ type: 'refusalRead', refusal }),
      onHear: () => this.#session?.hear(),
      onWish: (permissions) => this.#tell({ type: 'wished', permissions }),
      onUpdateTicket: (permissions) => void this.#session?.updateTicket(permissions),
      onSwitchRole: (role) => void this.#session?.switchRole(role),
    });
    this.#show();
    addEventListener('pagehide', () => void this.#session?.leave());
  }

  #newSession(): Session {
    this.#lines = [];
    this.#room.log(this.#lines);
    const stage = this.#room.stage;
    const session: Session = new Session({
      // What an earlier session still has to say concerns nobody any more.
      tell: (happening) => {
        if (this.#session === session) this.#tell(happening);
      },
      log: (name, payload) => {
        this.#lines = logged(this.#lines, { at: Date.now(), name, detail: detailOf(payload) });
        this.#room.log(this.#lines);
      },
      placeOf: (userId, stream) => stage.mediaOf(userId, stream),
      level: (userId, level) => stage.setLevel(userId, level),
    });
    return session;
  }

  #tell(happening: Happening): void {
    const before = this.#state;
    this.#state = next(before, happening);
    if (this.#state === before) return;
    if (this.#state.form !== before.form) this.#keep(this.#state.form);
    this.#show();
    const words = announcement(before, this.#state);
    if (words) setText(this.#announcer, words);
    if ((before.at === 'room') !== (this.#state.at === 'room')) this.#arrive();
  }

  /** With this entry of the tab's history and not in the address, which is given to others. */
  #keep(form: EntryForm): void {
    history.replaceState(form, '');
  }

  #show(): void {
    const state = this.#state;
    const inRoom = state.at === 'room';
    const view = inRoom ? this.#room : this.#door;
    if (!this.#place.contains(view.element)) {
      if (inRoom) this.#invitation = hashForAnother(state.form, [], Math.random);
      else this.#door.arrive(state);
      this.#place.replaceChildren(view.element);
    }
    if (inRoom) this.#room.update(state, this.#invitation);
    else this.#door.update(state);
    document.title = inRoom ? `${roomLabel(state.form)} · Roomkey demo` : 'Roomkey demo';
  }

  /** Where the keyboard goes on after the page changed as a whole. */
  #arrive(): void {
    if (this.#state.at === 'room') this.#room.focus();
    else this.#door.focus();
  }
}
