import { type EntryForm, type FormFault, faultOf, roomLabel } from '../model/entry-form.ts';
import { type Refusal, refusalOf } from '../model/refusal.ts';
import type { State } from '../model/state.ts';
import { ChoiceView } from './choice-view.ts';
import { element, setAttribute, setText } from './element.ts';
import { icon } from './icon.ts';
import { NoticeView } from './notice-view.ts';
import { TicketView } from './ticket-view.ts';

type AtDoor = Exclude<State, { at: 'room' }>;

interface DoorActions {
  readonly onChange: (form: EntryForm) => void;
  readonly onEnter: (form: EntryForm) => void;
}

/** What stands before the room: who, where, and with which ticket. */
export class DoorView {
  readonly element: HTMLElement;
  readonly #actions: DoorActions;
  readonly #title = element('h1', { tabindex: -1 }, 'A room opens only with a key.');
  readonly #name = textInput('name', { autocomplete: 'nickname', maxlength: 32 });
  readonly #room = textInput('room', { autocomplete: 'off', maxlength: 64 });
  readonly #faults = { name: fault('name'), room: fault('room') };
  readonly #kind: ChoiceView<EntryForm['roomKind']>;
  readonly #scene: ChoiceView<EntryForm['scene']>;
  readonly #role: ChoiceView<EntryForm['role']>;
  readonly #ticket: TicketView;
  readonly #starts = { withMicrophone: checkbox(), withCamera: checkbox() };
  /** Why the visitor was put out of the room: above everything, for nobody looks for it below the form. */
  readonly #removalNotice = new NoticeView();
  /** Why the entry was refused: at the button that was pressed. */
  readonly #notice = new NoticeView();
  readonly #enterLabel = element('span');
  readonly #enter = element(
    'button',
    { type: 'submit', class: 'main-button' },
    icon('key'),
    this.#enterLabel,
  );
  #form: EntryForm;
  #removal: Refusal | undefined;

  constructor(form: EntryForm, actions: DoorActions) {
    this.#form = form;
    this.#actions = actions;
    const change = (part: Partial<EntryForm>) => actions.onChange({ ...this.#form, ...part });
    this.#kind = new ChoiceView({
      name: 'kind',
      legend: 'Named by',
      values: [
        { value: 'number', label: 'Number' },
        { value: 'text', label: 'Text' },
      ],
      onChoose: (roomKind) => change({ roomKind }),
    });
    this.#scene = new ChoiceView({
      name: 'scene',
      legend: 'Scene',
      values: [
        { value: 'rtc', label: 'Call' },
        { value: 'live', label: 'Live' },
      ],
      onChoose: (scene) => change({ scene, ...(scene === 'rtc' ? { role: 'anchor' } : {}) }),
    });
    this.#role = new ChoiceView({
      name: 'role',
      legend: 'Role',
      values: [
        { value: 'anchor', label: 'Anchor' },
        { value: 'audience', label: 'Audience' },
      ],
      onChoose: (role) => change({ role }),
    });
    this.#ticket = new TicketView((permissions) => change({ permissions }));
    this.#name.addEventListener('input', () => change({ name: this.#name.value }));
    this.#room.addEventListener('input', () => change({ room: this.#room.value }));
    for (const [key, input] of Object.entries(this.#starts)) {
      input.addEventListener('change', () => change({ [key]: input.checked }));
    }
    this.element = this.#page();
  }

  /** The visitor comes from the room, of its own will or not. */
  arrive(state: AtDoor): void {
    this.#removal = refusalIn(state);
    this.update(state);
  }

  /** Where the keyboard goes on: at the reason, or at the title. */
  focus(): void {
    if (this.#removalNotice.focus()) scrollTo(0, 0);
    else this.#title.focus();
  }

  update(state: AtDoor): void {
    const { form } = state;
    const entering = state.at === 'entering';
    this.#form = form;
    if (this.#name.value !== form.name) this.#name.value = form.name;
    if (this.#room.value !== form.room) this.#room.value = form.room;
    setAttribute(this.#room, 'inputmode', form.roomKind === 'number' ? 'numeric' : 'text');
    this.#kind.update(form.roomKind);
    this.#scene.update(form.scene);
    this.#role.update(form.role);
    this.#role.element.hidden = form.scene === 'rtc';
    this.#starts.withMicrophone.checked = form.withMicrophone;
    this.#starts.withCamera.checked = form.withCamera;
    this.#ticket.update(form.permissions);
    const refusal = refusalIn(state);
    if (refusal !== this.#removal) this.#removal = undefined;
    this.#removalNotice.update(this.#removal ? [this.#removal] : []);
    this.#notice.update(refusal && !this.#removal ? [refusal] : []);
    this.#enter.disabled = entering;
    setText(this.#enterLabel, entering ? 'Entering …' : faultOf(form) ? 'Enter' : `Enter ${roomLabel(form)}`);
    const found = faultOf(form);
    for (const field of ['name', 'room'] as const) {
      if (found?.field !== field) this.#showFault(field, undefined);
    }
  }

  #submit(): void {
    const found = faultOf(this.#form);
    for (const field of ['name', 'room'] as const) {
      this.#showFault(field, found?.field === field ? found : undefined);
    }
    if (!found) this.#actions.onEnter(this.#form);
    else (found.field === 'name' ? this.#name : this.#room).focus();
  }

  #showFault(field: FormFault['field'], found: FormFault | undefined): void {
    setText(this.#faults[field], found?.refusal.sentence ?? '');
    setAttribute(field === 'name' ? this.#name : this.#room, 'aria-invalid', found ? 'true' : undefined);
  }

  #page(): HTMLElement {
    const form = element(
      'form',
      { class: 'door', novalidate: true },
      element(
        'section',
        { class: 'card who', 'aria-label': 'Who and where' },
        field('Your name', this.#name, this.#faults.name),
        element(
          'div',
          { class: 'room-row' },
          field('Room', this.#room, this.#faults.room),
          this.#kind.element,
        ),
        element('p', { class: 'hint' }, 'The number 123 and the text “123” are two different rooms.'),
        element('div', { class: 'choice-row' }, this.#scene.element, this.#role.element),
        element(
          'fieldset',
          { class: 'starts' },
          element('legend', {}, 'Begin with'),
          element('label', {}, this.#starts.withMicrophone, 'Microphone'),
          element('label', {}, this.#starts.withCamera, 'Camera'),
        ),
      ),
      this.#ticket.element,
      element(
        'div',
        { class: 'enter' },
        this.#notice.element,
        this.#enter,
        element(
          'p',
          { class: 'hint' },
          'This page gets two tickets from its server; they expire after ten minutes. In your product, your own server signs them.',
        ),
      ),
    );
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#submit();
    });
    const insecure = new NoticeView();
    if (!globalThis.isSecureContext) insecure.update([refusalOf('insecurePage')]);
    return element(
      'div',
      { class: 'door-page' },
      this.#removalNotice.element,
      element(
        'div',
        { class: 'hero' },
        this.#title,
        element(
          'p',
          {},
          'Choose a room and the permissions in your ticket. Switch one off, enter, and see that the server enforces it.',
        ),
      ),
      insecure.element,
      form,
    );
  }
}

const refusalIn = (state: AtDoor): Refusal | undefined => (state.at === 'door' ? state.refusal : undefined);

function textInput(id: string, attributes: Readonly<Record<string, string | number>>): HTMLInputElement {
  return element('input', {
    id,
    type: 'text',
    spellcheck: 'false',
    autocapitalize: 'none',
    'aria-describedby': `${id}-fault`,
    ...attributes,
  });
}

const checkbox = () => element('input', { type: 'checkbox' });

const fault = (field: string) =>
  element('p', { class: 'fault', id: `${field}-fault`, 'aria-live': 'polite' });

function field(label: string, input: HTMLInputElement, faultLine: HTMLElement): HTMLElement {
  return element('div', { class: 'field' }, element('label', { for: input.id }, label), input, faultLine);
}
