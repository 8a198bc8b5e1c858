import { roomLabel } from '../model/entry-form.ts';
import type { Stream } from '../model/person.ts';
import type { InRoom } from '../model/state.ts';
import { invitesOnStage, type Layout, layoutOf, tileKey, tilesOf } from '../model/tile.ts';
import { element, setAttribute, setText } from './element.ts';
import { icon } from './icon.ts';
import { TileView } from './tile-view.ts';

/** The tiles of everybody, and an invitation while nobody else is there. */
export class StageView {
  readonly element: HTMLElement;
  readonly #tiles = new Map<string, TileView>();
  readonly #list = element('ul', { class: 'tiles', 'aria-label': 'Members' });
  readonly #aloneTitle = element('strong');
  readonly #aloneLink = element('a', { class: 'soft-button', target: '_blank', rel: 'noopener' });
  readonly #alone = element(
    'li',
    { class: 'tile alone' },
    this.#aloneTitle,
    element('p', {}, 'Open this page in a second tab and enter the same room.'),
    this.#aloneLink,
    element('p', { class: 'hint' }, 'Two tabs on one computer hear each other: use headphones, or mute one.'),
  );

  constructor() {
    this.#aloneLink.append(icon('newTab'), 'Open a second tab');
    this.element = element('div', { class: 'stage' }, this.#list);
  }

  /** `invitation`: the address of this page for somebody else. */
  update(room: InRoom, invitation: string): void {
    const tiles = tilesOf(room);
    const alone = invitesOnStage(room);
    const shown = new Set(tiles.map(({ key }) => key));
    for (const [key, view] of this.#tiles) {
      if (shown.has(key)) continue;
      view.element.remove();
      this.#tiles.delete(key);
    }
    const elements = tiles.map((tile) => {
      const view = this.#tiles.get(tile.key) ?? new TileView();
      this.#tiles.set(tile.key, view);
      view.update(tile);
      return view.element;
    });
    if (alone) elements.push(this.#alone);
    else this.#alone.remove();
    setText(this.#aloneTitle, `You are alone in ${roomLabel(room.form)}`);
    setAttribute(this.#aloneLink, 'href', invitation);
    this.#arrange(elements);
    this.#divide(layoutOf(tiles, alone ? 1 : 0));
  }

  /** Where a picture is to be played; undefined while the stage shows none of that person. */
  mediaOf(userId: string, stream: Stream): HTMLElement | undefined {
    return this.#tiles.get(tileKey(userId, stream))?.media;
  }

  setLevel(userId: string, level: number): void {
    this.#tiles.get(tileKey(userId, 'main'))?.setLevel(level);
  }

  #divide(layout: Layout): void {
    for (const [name, value] of Object.entries(layout))
      this.#list.style.setProperty(`--${name}`, String(value));
    setAttribute(this.#list, 'data-screens', layout.screens > 0);
  }

  /** Moves only what stands in the wrong place: a video that is moved begins anew. */
  #arrange(elements: readonly HTMLElement[]): void {
    elements.forEach((tile, index) => {
      const there = this.#list.children[index];
      if (there !== tile) this.#list.insertBefore(tile, there ?? null);
    });
  }
}
