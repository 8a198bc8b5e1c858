import { deviceButton } from '../model/button.ts';
import { type Device, devices, type InRoom } from '../model/state.ts';
import { element, setAttribute, setText } from './element.ts';
import { icon, setIcon } from './icon.ts';

interface ControlActions {
  readonly onToggle: (device: Device) => void;
  readonly onLeave: () => void;
}

/** The row of buttons under the stage. */
export class ControlsView {
  readonly element: HTMLElement;
  readonly #buttons: readonly DeviceButtonView[];

  constructor({ onToggle, onLeave }: ControlActions) {
    this.#buttons = devices.map((device) => new DeviceButtonView(device, () => onToggle(device)));
    const leave = element(
      'button',
      { type: 'button', class: 'control leave' },
      element('span', { class: 'control-icon' }, icon('leave')),
      element('span', { class: 'control-label' }, 'Leave'),
    );
    leave.addEventListener('click', onLeave);
    this.element = element(
      'div',
      { class: 'controls', role: 'toolbar', 'aria-label': 'What you send' },
      ...this.#buttons.map((button) => button.element),
      leave,
    );
  }

  update(room: InRoom): void {
    for (const button of this.#buttons) button.update(room);
  }
}

class DeviceButtonView {
  readonly element: HTMLButtonElement;
  readonly #device: Device;
  readonly #icon = element('span', { class: 'control-icon' });
  readonly #label = element('span', { class: 'control-label' });
  readonly #state = element('span', { class: 'unseen' });
  readonly #lock = element(
    'span',
    { class: 'control-lock' },
    icon('lock'),
    element('span', { class: 'unseen' }, 'You may not do this here now; the server will refuse it.'),
  );

  constructor(device: Device, onPress: () => void) {
    this.#device = device;
    this.element = element(
      'button',
      { type: 'button', class: 'control', 'data-device': device },
      this.#icon,
      this.#label,
      this.#state,
      this.#lock,
    );
    this.element.addEventListener('click', onPress);
  }

  update(room: InRoom): void {
    const { label, state, pressed, locked } = deviceButton(room, this.#device);
    setIcon(this.#icon, pressed || state === 'Starting' ? this.#device : `${this.#device}Off`);
    setText(this.#label, label);
    setText(this.#state, state);
    setAttribute(this.element, 'data-state', state.toLowerCase());
    setAttribute(this.element, 'aria-pressed', String(pressed));
    setAttribute(this.element, 'aria-busy', state === 'Starting' ? 'true' : undefined);
    this.#lock.hidden = !locked;
  }
}
