import { binary } from '../model/bit.ts';
import { type Explanation, lightsOf } from '../model/light.ts';
import { element, setAttribute, setText } from './element.ts';
import { setIcon } from './icon.ts';

/** The permission bits in force, as eight lights. */
export class LightsView {
  readonly element: HTMLElement;
  readonly #list = element('ul', { class: 'lights' });
  readonly #number = element('span', { class: 'byte-number' });
  readonly #binary = element('span', { class: 'byte-binary' });
  readonly #lights = new Map<string, LightView>();

  constructor() {
    this.element = element(
      'section',
      { class: 'card ticket', 'aria-labelledby': 'lights-title' },
      element(
        'div',
        { class: 'ticket-body' },
        element('h2', { id: 'lights-title' }, 'What you may do here'),
        this.#list,
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

  update(explanation: Explanation): void {
    for (const light of lightsOf(explanation)) {
      let view = this.#lights.get(light.name);
      if (!view) {
        view = new LightView();
        this.#lights.set(light.name, view);
        this.#list.append(view.element);
      }
      view.update(light);
    }
    setText(this.#number, String(explanation.effective));
    setText(this.#binary, binary(explanation.effective));
  }
}

class LightView {
  readonly #lamp = element('span', { class: 'lamp' });
  readonly #label = element('span', { class: 'light-label' });
  readonly #says = element('span', { class: 'unseen' });
  readonly #why = element('span', { class: 'light-why' });
  readonly element = element('li', { class: 'light' }, this.#lamp, this.#label, this.#says, this.#why);

  update({ label, name, lit, why }: ReturnType<typeof lightsOf>[number]): void {
    setAttribute(this.element, 'data-lit', String(lit));
    setAttribute(this.element, 'data-bit', name);
    setIcon(this.#lamp, lit ? 'check' : 'cross');
    setText(this.#label, label);
    setText(this.#says, lit ? ': allowed' : ': not allowed.');
    setText(this.#why, why);
  }
}
