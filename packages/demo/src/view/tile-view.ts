import type { Tile } from '../model/tile.ts';
import { element, setAttribute, setText } from './element.ts';
import { setIcon } from './icon.ts';

const sounds = {
  on: { icon: 'microphone', says: 'Microphone on' },
  off: { icon: 'microphoneOff', says: 'Microphone off' },
  unheard: { icon: 'speakerOff', says: 'not heard' },
} as const;

/** One picture with its name plate. The SDK puts its video into `media`. */
export class TileView {
  readonly media = element('div', { class: 'tile-media' });
  readonly element: HTMLElement;
  readonly #initial = element('span', { class: 'tile-initial', 'aria-hidden': 'true' });
  readonly #refusal = element('p', { class: 'tile-refusal' });
  readonly #name = element('span', { class: 'tile-name' });
  readonly #soundIcon = element('span', { class: 'tile-sound' });
  readonly #soundSays = element('span', { class: 'tile-sound-says' });

  constructor() {
    this.element = element(
      'li',
      { class: 'tile' },
      element('div', { class: 'tile-empty' }, this.#initial, this.#refusal),
      this.media,
      element('div', { class: 'plate' }, this.#soundIcon, this.#name, this.#soundSays),
    );
  }

  update({ label, name, stream, userId, picture, sound, refusal }: Tile): void {
    setText(this.#name, label);
    setText(this.#initial, name.slice(0, 1).toUpperCase());
    setText(this.#refusal, refusal ? `${refusal.title}.` : '');
    this.media.hidden = !picture;
    setAttribute(this.element, 'data-stream', stream);
    setAttribute(this.element, 'data-mine', userId === '');
    setAttribute(this.element, 'data-sound', sound);
    const isScreen = stream === 'sub';
    this.#soundIcon.hidden = isScreen;
    setIcon(this.#soundIcon, sounds[sound].icon);
    setText(this.#soundSays, isScreen ? '' : sounds[sound].says);
  }

  /** How loud it is now, from 0 to 1. */
  setLevel(level: number): void {
    this.element.style.setProperty('--level', level.toFixed(2));
  }
}
