import type { types } from 'mediasoup';
import { systemClock } from '../../system-clock.ts';
import type { Forwarding } from './forwarding.ts';
import type { HighestLayer } from './highest-layer.ts';
import type { KeyFrameTurns } from './key-frame-turns.ts';
import type { PictureLink } from './picture-link.ts';
import { ScreenFlow } from './screen-flow.ts';

/** How long a page is sent whatever its receiver reports, in ms: a page of text takes two seconds at 500 kbit/s, and some of it is lost. */
const PAGE_MS = 4_000;
/** The engine's score of a receiver who loses so much that a page does not get through, of ten. */
const BAD_SCORE = 4;
/** A page that does not get through in so many times {@link PAGE_MS} is given up. */
const BAD_PAGES = 2;

interface Parts {
  readonly engine: types.Consumer;
  readonly forwarding: Pick<Forwarding, 'hold' | 'release' | 'reset'>;
  readonly highest: HighestLayer;
  readonly link: Pick<PictureLink, 'pages' | 'isShared' | 'keep' | 'release'>;
  /** Of those who receive the same screen. */
  readonly turns: Pick<KeyFrameTurns, 'wait'>;
  /** The screen waits for a wider link. */
  readonly waiting: () => void;
}

/**
 * Brings pages of a screen over a narrow link. While a page comes, much is lost, and the engine believes that the link carries less and
 * less. By itself it would stop in the middle; then the page would have to come from its beginning. And once nothing comes any more
 * it believes for long that the link carries nothing at all. So what is sent at the least is raised before that: for the time of a
 * page, and as long as the link is narrow and nothing else comes over it but sound.
 */
export class ScreenWatch {
  readonly #parts: Parts;
  readonly #flow = new ScreenFlow();
  #stopLook = () => {};
  #stopWait = () => {};

  constructor(parts: Parts) {
    this.#parts = parts;
    const { engine, highest, link } = parts;
    const leave = link.pages.add((isNarrow) => {
      if (isNarrow) {
        highest.hold(this);
        this.#pageComes();
      } else {
        highest.release(this);
      }
    });
    engine.observer.once('close', () => {
      leave();
      this.#stopLook();
      this.#stopWait();
      link.release(this);
    });
  }

  /** It flows in this encoding. */
  flows({ spatialLayer }: types.ConsumerLayers): void {
    const { engine, highest } = this.#parts;
    // Of an encoding that its sender has stopped nobody gets anything.
    const sent = engine.score.producerScores.findLastIndex((score) => score > 0);
    const what = this.#flow.flows(spatialLayer, Math.min(highest.told, sent));
    if (what === 'begins') this.#pageComes();
    if (what === 'lowered') this.#beginAgain(this.#flow.stopped() ?? 0);
  }

  /** It flows no more, though nobody has stopped it. */
  stopped(): void {
    // A screen that is still for long sends nothing at all.
    if (this.#parts.engine.score.producerScore === 0) {
      this.interrupted();
      return;
    }
    const waitMs = this.#flow.stopped();
    if (waitMs !== undefined) this.#beginAgain(waitMs);
  }

  /** Somebody has stopped it, or its sender sends nothing. */
  interrupted(): void {
    this.#flow.interrupted();
  }

  #pageComes(bad = 0): void {
    const { engine, link } = this.#parts;
    link.keep(this);
    this.#stopLook();
    this.#stopLook = systemClock.after(PAGE_MS, () => {
      const isBad = engine.score.score <= BAD_SCORE;
      // The others would be believed to fit as well.
      const isGivenUp = link.isShared || (isBad && bad + 1 === BAD_PAGES);
      if (!link.pages.isNarrow || isGivenUp) link.release(this);
      else this.#pageComes(isBad ? bad + 1 : 0);
    });
  }

  /**
   * What was lost of a page is sent no more: the page comes in the low encoding, at once if the screen had found its place on the link.
   * Those to whom that happens together cost the sender one key frame.
   */
  #beginAgain(waitMs: number): void {
    const { forwarding, link, waiting } = this.#parts;
    link.pages.failed();
    this.#pageComes();
    this.#stopWait();
    if (waitMs === 0) {
      this.#inTurn(() => {
        this.#flow.interrupted();
        forwarding.reset();
      });
    } else {
      // Sound goes first.
      waiting();
      forwarding.hold(this);
      this.#stopWait = systemClock.after(waitMs, () => this.#inTurn(() => forwarding.release(this)));
    }
  }

  #inTurn(job: () => void): void {
    const stop = this.#parts.turns.wait(job);
    if (stop) this.#stopWait = stop;
    else job();
  }
}
