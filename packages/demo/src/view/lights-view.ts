import { binary, holds, toggled } from '../model/bit.ts';
import type { EntryForm } from '../model/entry-form.ts';
import { blameWords, type Light, lightsOf } from '../model/light.ts';
import type { InRoom } from '../model/state.ts';
import { element, setAttribute, setText } from './element.ts';
import { setIcon } from './icon.ts';

interface LightsActions {
  readonly onWish: (permissions: number) => void;
  readonly onUpdateTicket: (permissions: number) => void;
  readonly onSwitchRole: (role: EntryForm['role']) => void;
}

/** The permission bits in force, as eight lights; beside each the switch that asks for it in the next ticket. */
export class LightsView {
  readonly element: HTMLElement;
  readonly #onWish: (permissions: number) => void;
  readonly #list = element('ul', { class: 'lights' });
  readonly #number = element('span', { class: 'byte-number' });
  readonly #binary = element('span', { class: 'byte-binary' });
  readonly #lights = new Map<string, LightView>();
  readonly #update = element('button', { type: 'button', class: 'update-ticket' });
  readonly #roleWords = element('span');
  readonly #roleButton = element('button', { type: 'button', class: 'soft-button' });
  readonly #role = element('div', { class: 'role-row' }, this.#roleWords, this.#roleButton);
  #wish = 0;
  #otherRole: EntryForm['role'] = 'audience';

  constructor({ onWish, onUpdateTicket, onSwitchRole }: LightsActions) {
    this.#onWish = onWish;
    this.#update.addEventListener('click', () => onUpdateTicket(this.#wish));
    this.#roleButton.addEventListener('click', () => onSwitchRole(this.#otherRole));
    this.element = element(
      'section',
      { class: 'card ticket', 'aria-labelledby': 'lights-title' },
      element(
        'div',
        { class: 'ticket-body' },
        element(
          'div',
          { class: 'lights-head' },
          element('h2', { id: 'lights-title' }, 'What you may do here'),
          element('span', { 'aria-hidden': 'true' }, 'Ticket'),
        ),
        this.#list,
        this.#role,
        this.#update,
        element(
          'p',
          { class: 'hint' },
          'Change the switches and update the ticket. The call goes on, and the lights change.',
        ),
      ),
      element(
        'div',
        { class: 'ticket-stub' },
        element('span', { class: 'byte-name' }, 'In force'),
        this.#number,
        this.#binary,
      ),
    );
  }

  update({ explanation, form, wish, asking }: InRoom): void {
    this.#wish = wish;
    for (const light of lightsOf(explanation)) {
      let view = this.#lights.get(light.name);
      if (!view) {
        view = new LightView(light, () => this.#onWish(toggled(this.#wish, light.name)));
        this.#lights.set(light.name, view);
        this.#list.append(view.element);
      }
      const blame = blameWords(light, form.name, (at) => at.toLocaleTimeString());
      view.update(light, blame, holds(wish, light.name));
    }
    setText(this.#number, String(explanation.effective));
    setText(this.#binary, binary(explanation.effective));
    this.#update.disabled = asking !== undefined;
    setAttribute(this.#update, 'data-changed', wish !== form.permissions);
    setText(this.#update, asking === 'ticket' ? 'Updating …' : 'Update ticket');
    const anchor = form.role === 'anchor';
    this.#otherRole = anchor ? 'audience' : 'anchor';
    this.#role.hidden = form.scene === 'rtc';
    this.#roleButton.disabled = asking !== undefined;
    setText(this.#roleWords, anchor ? 'Role: anchor' : 'Role: audience');
    setText(this.#roleButton, anchor ? 'Join the audience' : 'Become an anchor');
  }
}

class LightView {
  readonly element: HTMLElement;
  readonly #lamp = element('span', { class: 'lamp' });
  readonly #says = element('span', { class: 'unseen' });
  readonly #why = element('span', { class: 'light-why' });
  readonly #blame = element('span', { class: 'light-blame' });
  readonly #switch: HTMLInputElement;

  constructor({ name, label }: Light, onToggle: () => void) {
    this.#switch = element('input', {
      type: 'checkbox',
      role: 'switch',
      'aria-label': `${label}, in the next ticket`,
    });
    this.#switch.addEventListener('change', onToggle);
    this.element = element(
      'li',
      { class: 'light', 'data-bit': name },
      this.#lamp,
      element('span', { class: 'light-label' }, label),
      this.#says,
      this.#why,
      this.#blame,
      element(
        'label',
        { class: 'light-switch' },
        this.#switch,
        element('span', { class: 'switch-track', 'aria-hidden': 'true' }),
      ),
    );
  }

  update({ lit, why }: Light, blame: string, wished: boolean): void {
    setAttribute(this.element, 'data-lit', String(lit));
    setIcon(this.#lamp, lit ? 'check' : 'cross');
    setText(this.#says, lit ? ': allowed' : ': not allowed.');
    setText(this.#why, why);
    setText(this.#blame, blame);
    this.#switch.checked = wished;
  }
}
