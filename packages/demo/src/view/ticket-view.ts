import { binary, bitPresets, bits, holds, toggled } from '../model/bit.ts';
import { element, setAttribute, setText } from './element.ts';

/** The ticket to ask for: eight switches, ready-made bytes, and the byte itself. */
export class TicketView {
  readonly element: HTMLElement;
  readonly #switches = new Map<string, HTMLInputElement>();
  readonly #presets = new Map<number, HTMLButtonElement>();
  readonly #number = element('output', { class: 'byte-number' });
  readonly #binary = element('span', { class: 'byte-binary' });
  #byte = 0;

  constructor(onChange: (byte: number) => void) {
    const switches = bits.map(({ name, label, value }) => {
      const input = element('input', { type: 'checkbox', role: 'switch' });
      input.addEventListener('change', () => onChange(toggled(this.#byte, name)));
      this.#switches.set(name, input);
      return element(
        'label',
        { class: 'switch' },
        element('span', { class: 'switch-words' }, label, element('code', {}, `${name} · ${value}`)),
        input,
        element('span', { class: 'switch-track', 'aria-hidden': 'true' }),
      );
    });
    const presets = bitPresets.map(({ label, byte }) => {
      const button = element(
        'button',
        { type: 'button', class: 'chip' },
        label,
        element('b', {}, String(byte)),
      );
      button.addEventListener('click', () => onChange(byte));
      this.#presets.set(byte, button);
      return button;
    });
    this.element = element(
      'section',
      { class: 'card ticket', 'aria-labelledby': 'ticket-title' },
      element(
        'div',
        { class: 'ticket-body' },
        element('h2', { id: 'ticket-title' }, 'Your ticket asks for'),
        element('div', { class: 'chips', role: 'group', 'aria-label': 'Ready-made tickets' }, ...presets),
        element('div', { class: 'switches' }, ...switches),
      ),
      element(
        'div',
        { class: 'ticket-stub' },
        element('span', { class: 'byte-name' }, 'Permission byte'),
        this.#number,
        this.#binary,
      ),
    );
  }

  update(byte: number): void {
    this.#byte = byte;
    for (const { name } of bits) {
      const input = this.#switches.get(name);
      if (input) input.checked = holds(byte, name);
    }
    for (const [preset, button] of this.#presets)
      setAttribute(button, 'aria-pressed', String(preset === byte));
    setText(this.#number, String(byte));
    setText(this.#binary, binary(byte));
  }
}
