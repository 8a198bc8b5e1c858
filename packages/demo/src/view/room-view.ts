import { type EntryForm, roomLabel } from '../model/entry-form.ts';
import type { LogLine } from '../model/event-log.ts';
import type { Refusal } from '../model/refusal.ts';
import type { Device, InRoom } from '../model/state.ts';
import { invitesOnStage } from '../model/tile.ts';
import { ControlsView } from './controls-view.ts';
import { DeadlineView } from './deadline-view.ts';
import { element, setAttribute, setText } from './element.ts';
import { icon } from './icon.ts';
import { LightsView } from './lights-view.ts';
import { LogView } from './log-view.ts';
import { NoticeView } from './notice-view.ts';
import { StageView } from './stage-view.ts';

interface RoomActions {
  readonly onToggle: (device: Device) => void;
  readonly onLeave: () => void;
  readonly onRead: (refusal: Refusal) => void;
  readonly onHear: () => void;
  readonly onWish: (permissions: number) => void;
  readonly onUpdateTicket: (permissions: number) => void;
  readonly onSwitchRole: (role: EntryForm['role']) => void;
}

/** The room: the stage, what one sends, what one may. */
export class RoomView {
  readonly stage = new StageView();
  readonly element: HTMLElement;
  readonly #title = element('h1', { tabindex: -1 });
  readonly #facts = element('span', { class: 'room-facts' });
  readonly #connection = element('span', { class: 'connection', role: 'status' });
  readonly #invitation = element('a', { class: 'soft-button invite', target: '_blank', rel: 'noopener' });
  readonly #hear = element('button', { type: 'button', class: 'hear' });
  readonly #notice: NoticeView;
  readonly #controls: ControlsView;
  readonly #deadline: DeadlineView;
  readonly #lights: LightsView;
  readonly #log = new LogView();

  constructor(actions: RoomActions) {
    const { onToggle, onLeave, onRead, onHear, onUpdateTicket } = actions;
    this.#lights = new LightsView(actions);
    this.#deadline = new DeadlineView(onUpdateTicket);
    this.#notice = new NoticeView(onRead);
    this.#controls = new ControlsView({ onToggle, onLeave });
    this.#invitation.append(icon('newTab'), element('span', {}, 'Open a second tab'));
    this.#hear.append(icon('speaker'), element('span', {}, 'Click to hear'));
    this.#hear.addEventListener('click', onHear);
    this.element = element(
      'div',
      { class: 'room-page' },
      element(
        'div',
        { class: 'room-head' },
        element('div', { class: 'room-title' }, this.#title, this.#facts),
        this.#connection,
        this.#invitation,
      ),
      element(
        'div',
        { class: 'room-main' },
        this.#deadline.element,
        this.#notice.element,
        this.#hear,
        this.stage.element,
        this.#controls.element,
      ),
      element('aside', { class: 'room-side' }, this.#lights.element, this.#log.element),
    );
  }

  update(room: InRoom, invitation: string): void {
    const { form, people, connection } = room;
    const label = roomLabel(form);
    setText(this.#title, label.slice(0, 1).toUpperCase() + label.slice(1));
    const count = people.length + 1;
    const scene = form.scene === 'rtc' ? 'Call' : `Live, as ${form.role}`;
    setText(this.#facts, `${scene} · ${count} ${count === 1 ? 'member' : 'members'}`);
    setText(this.#connection, connection === 'connected' ? 'Connected' : 'Reconnecting …');
    setAttribute(this.#connection, 'data-state', connection);
    setAttribute(this.#invitation, 'href', invitation);
    this.#invitation.hidden = invitesOnStage(room);
    this.#hear.hidden = !room.silenced;
    this.#notice.update(room.refusals);
    this.stage.update(room, invitation);
    this.#controls.update(room);
    this.#deadline.update(room);
    this.#lights.update(room);
  }

  log(lines: readonly LogLine[]): void {
    this.#log.update(lines);
  }

  focus(): void {
    this.#title.focus();
  }
}
