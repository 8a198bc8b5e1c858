import type { Refusal } from '../model/refusal.ts';
import { element } from './element.ts';
import { icon } from './icon.ts';

/** Refusals in plain words, spoken at once by screen readers. */
export class NoticeView {
  readonly element = element('div', { class: 'notices', role: 'alert', 'aria-atomic': 'false' });
  readonly #onClose: ((refusal: Refusal) => void) | undefined;
  readonly #shown = new Map<Refusal, HTMLElement>();

  /** With `onClose`, the visitor can put each of them away. */
  constructor(onClose?: (refusal: Refusal) => void) {
    this.#onClose = onClose;
  }

  update(refusals: readonly Refusal[]): void {
    for (const [refusal, notice] of this.#shown) {
      if (refusals.includes(refusal)) continue;
      notice.remove();
      this.#shown.delete(refusal);
    }
    for (const refusal of [...refusals].reverse()) {
      if (this.#shown.has(refusal)) continue;
      const notice = this.#notice(refusal);
      this.#shown.set(refusal, notice);
      this.element.prepend(notice);
    }
  }

  /** Gives the keyboard to the newest notice, which is so brought into view. False when there is none. */
  focus(): boolean {
    const notice = this.element.firstElementChild;
    if (!(notice instanceof HTMLElement)) return false;
    notice.tabIndex = -1;
    notice.focus();
    return true;
  }

  #notice(refusal: Refusal): HTMLElement {
    const words = element(
      'div',
      { class: 'notice-words' },
      element('strong', {}, refusal.title),
      element('p', {}, refusal.sentence),
      element('code', { title: 'The name of the cause' }, refusal.cause),
    );
    const notice = element('div', { class: 'notice' }, icon('refused'), words);
    const { title } = refusal;
    if (this.#onClose) {
      const close = element(
        'button',
        { type: 'button', class: 'quiet-button', 'aria-label': `Close: ${title}` },
        icon('cross'),
      );
      close.addEventListener('click', () => this.#onClose?.(refusal));
      notice.append(close);
    }
    return notice;
  }
}
