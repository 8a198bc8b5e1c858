import { deadlineWords } from '../model/deadline.ts';
import type { InRoom } from '../model/state.ts';
import { element, setText } from './element.ts';
import { icon } from './icon.ts';

/** Says that the ticket will not do for much longer, with the button that gets another. */
export class DeadlineView {
  readonly element = element('div', { class: 'notices', role: 'status' });
  readonly #bar: HTMLElement;
  readonly #title = element('strong');
  readonly #sentence = element('p');
  readonly #renew = element('button', { type: 'button', class: 'soft-button' }, 'Get a new ticket');
  #permissions = 0;

  /** The new ticket holds what the one in use does. */
  constructor(onRenew: (permissions: number) => void) {
    this.#renew.addEventListener('click', () => onRenew(this.#permissions));
    const words = element('div', { class: 'notice-words' }, this.#title, this.#sentence);
    this.#bar = element('div', { class: 'notice deadline' }, icon('key'), words, this.#renew);
  }

  update({ deadline, form, asking }: InRoom): void {
    this.#permissions = form.permissions;
    this.#renew.disabled = asking !== undefined;
    if (!deadline) {
      this.#bar.remove();
      return;
    }
    const [title, sentence] = deadlineWords(deadline, (at) => at.toLocaleTimeString());
    setText(this.#title, title);
    setText(this.#sentence, sentence);
    if (!this.element.contains(this.#bar)) this.element.append(this.#bar);
  }
}
