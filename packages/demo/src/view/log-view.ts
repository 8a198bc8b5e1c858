import type { LogLine } from '../model/event-log.ts';
import { element } from './element.ts';
import { icon } from './icon.ts';

/** The SDK's events, for developers; folded away at first. */
export class LogView {
  readonly #lines = element('ol', { class: 'log-lines', tabindex: 0, 'aria-label': 'Events, newest first' });
  readonly #count = element('span', { class: 'log-count' });
  readonly element = element(
    'details',
    { class: 'card log' },
    element('summary', {}, 'SDK events', this.#count, icon('fold')),
    this.#lines,
  );

  update(lines: readonly LogLine[]): void {
    this.#count.textContent = String(lines.length);
    this.#lines.replaceChildren(...lines.map(line));
  }
}

function line({ at, name, detail }: LogLine): HTMLElement {
  const time = new Date(at).toTimeString().slice(0, 8);
  return element('li', {}, element('time', {}, time), element('b', {}, name), element('span', {}, detail));
}
