import type { Emit } from '../events/events.ts';

/** Something that the browser does not play before a gesture. */
export interface Blocked {
  readonly userId: string;
  readonly mediaType: 'audio' | 'video' | 'screen';
  readonly resume: () => Promise<void>;
}

const gestures = ['click', 'keydown', 'touchend'] as const;

/** Remembers what the browser does not play, tells the app, and plays it at the user's next gesture on the page. */
export class AutoplayGuard {
  readonly #document: Document | undefined;
  readonly #emit: Emit;
  readonly #waiting = new Set<Blocked>();
  #dialog: HTMLDialogElement | undefined;
  #listening = false;

  /** Whether to ask for the gesture with a dialog. */
  showsDialog = true;

  constructor(document: Document | undefined, emit: Emit) {
    this.#document = document;
    this.#emit = emit;
  }

  blocked(blocked: Blocked): void {
    this.#waiting.add(blocked);
    this.#listen();
    if (this.showsDialog) this.#openDialog();
    const { userId, mediaType } = blocked;
    this.#emit('autoplay-failed', { userId, mediaType, resume: () => this.#resume(blocked) });
  }

  /** Forgets everything: there is nothing left to play. */
  clear(): void {
    this.#waiting.clear();
    this.#settle();
  }

  async #resume(blocked: Blocked): Promise<void> {
    await blocked.resume();
    this.#waiting.delete(blocked);
    if (this.#waiting.size === 0) this.#settle();
  }

  readonly #resumeAll = (): void => {
    // What still does not play stays; the next gesture tries again.
    for (const blocked of [...this.#waiting]) this.#resume(blocked).catch(() => {});
  };

  #listen(): void {
    if (this.#listening) return;
    this.#listening = true;
    for (const gesture of gestures) this.#document?.addEventListener(gesture, this.#resumeAll, true);
  }

  #settle(): void {
    this.#listening = false;
    for (const gesture of gestures) this.#document?.removeEventListener(gesture, this.#resumeAll, true);
    this.#dialog?.remove();
    this.#dialog = undefined;
  }

  #openDialog(): void {
    const document = this.#document;
    if (this.#dialog || !document) return;
    const dialog = document.createElement('dialog');
    const text = document.createElement('p');
    const button = document.createElement('button');
    text.textContent = 'The browser waits for a click before it plays sound.';
    button.textContent = 'Play';
    button.autofocus = true;
    dialog.setAttribute('aria-label', 'Play sound');
    Object.assign(dialog.style, {
      border: '0',
      borderRadius: '12px',
      padding: '20px 24px',
      font: '16px system-ui',
    });
    Object.assign(button.style, { font: 'inherit', padding: '8px 24px', cursor: 'pointer' });
    // The click itself is the gesture; closing by key is one, too.
    dialog.addEventListener('close', () => {
      dialog.remove();
      this.#dialog = undefined;
      this.#resumeAll();
    });
    button.addEventListener('click', () => dialog.close());
    dialog.append(text, button);
    document.body.append(dialog);
    dialog.showModal();
    this.#dialog = dialog;
  }
}
