import type { Refusal } from '../model/refusal.ts';
import { element } from './element.ts';
import { icon } from './icon.ts';

/** A refusal in plain words, spoken at once by screen readers. Empty while there is none. */
export class NoticeView {
  readonly element = element('div', { class: 'notice-place', role: 'alert' });
  #shown: Refusal | undefined;

  readonly #onClose: (() => void) | undefined;

  /** With `onClose`, the visitor can put it away. */
  constructor(onClose?: () => void) {
    this.#onClose = onClose;
  }

  update(refusal: Refusal | undefined): void {
    if (refusal === this.#shown) return;
    this.#shown = refusal;
    this.element.replaceChildren(...(refusal ? [this.#notice(refusal)] : []));
  }

  #notice({ title, sentence, cause }: Refusal): HTMLElement {
    const words = element(
      'div',
      { class: 'notice-words' },
      element('strong', {}, title),
      element('p', {}, sentence),
      element('code', { title: 'The name of the cause' }, cause),
    );
    const notice = element('div', { class: 'notice' }, icon('refused'), words);
    if (this.#onClose) {
      const close = element(
        'button',
        { type: 'button', class: 'quiet-button', 'aria-label': 'Close' },
        icon('cross'),
      );
      close.addEventListener('click', this.#onClose);
      notice.append(close);
    }
    return notice;
  }
}
