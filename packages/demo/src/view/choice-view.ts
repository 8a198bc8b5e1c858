import { element } from './element.ts';

interface Choice<Value extends string> {
  /** Names the group for the browser; one of each name on the page. */
  readonly name: string;
  readonly legend: string;
  readonly values: readonly { readonly value: Value; readonly label: string }[];
  readonly onChoose: (value: Value) => void;
}

/** A few values, of which one is chosen: radio buttons side by side. */
export class ChoiceView<Value extends string> {
  readonly element: HTMLFieldSetElement;
  readonly #inputs = new Map<Value, HTMLInputElement>();

  constructor({ name, legend, values, onChoose }: Choice<Value>) {
    const segments = values.map(({ value, label }) => {
      const input = element('input', { type: 'radio', name, value });
      input.addEventListener('change', () => onChoose(value));
      this.#inputs.set(value, input);
      return element('label', { class: 'segment' }, input, element('span', {}, label));
    });
    this.element = element(
      'fieldset',
      { class: 'choice' },
      element('legend', {}, legend),
      element('div', { class: 'segments' }, ...segments),
    );
  }

  update(chosen: Value): void {
    for (const [value, input] of this.#inputs) input.checked = value === chosen;
  }
}
