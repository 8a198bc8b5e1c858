import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** Ended secrets of one seat that are still recognised; older ones count as never issued. */
const REMEMBERED = 64;

/** What a text that somebody shows is to a seat. `ended`: issued once, and no longer good. */
export type Shown = 'good' | 'ended' | 'unknown';

/** What came of a resume: with a good secret, the next one. */
export type Renewal =
  | { readonly shown: 'good'; readonly next: string }
  | { readonly shown: 'ended' }
  | { readonly shown: 'unknown' };

/**
 * The secrets with which one seat can be resumed, known by their hashes alone. Each resume issues a new one, and the one
 * before stays good until the new one is shown for the first time: the answer that carried it may have been lost.
 */
export class ResumeSecrets {
  readonly #seat: string;
  readonly #random: () => string;
  /** How many secrets were issued. */
  #epoch = 0;
  #newest: Buffer | undefined;
  /** Good as long as nobody has shown the newest. */
  #previous: Buffer | undefined;
  #ended: Buffer[] = [];

  /** Secrets of `seat` are good for it alone; `random` yields 256 bits as text that no two calls share. */
  constructor(seat: string, random: () => string = () => randomBytes(32).toString('base64url')) {
    this.#seat = seat;
    this.#random = random;
  }

  /** The first secret. */
  first(): string {
    return this.#issue();
  }

  /** What a secret is, while nothing changes. */
  shown(secret: string): Shown {
    const digest = this.#digest(secret);
    const isGood = [this.#newest, this.#previous].filter((good) => same(digest, good)).length > 0;
    return isGood ? 'good' : this.#wasIssued(digest) ? 'ended' : 'unknown';
  }

  /** Resumes with a secret: a new one, when the one shown is good. */
  renew(secret: string): Renewal {
    const digest = this.#digest(secret);
    if (same(digest, this.#newest)) {
      this.#end(this.#previous);
      this.#previous = this.#newest;
    } else if (same(digest, this.#previous)) this.#end(this.#newest);
    else return { shown: this.#wasIssued(digest) ? 'ended' : 'unknown' };
    return { shown: 'good', next: this.#issue() };
  }

  /** The client shows the newest secret: it has arrived, and the one before it ends. */
  confirm(secret: string): Shown {
    const digest = this.#digest(secret);
    if (same(digest, this.#newest)) {
      this.#end(this.#previous);
      this.#previous = undefined;
      return 'good';
    }
    return this.#wasIssued(digest) ? 'ended' : 'unknown';
  }

  /** The seat is gone: no secret is good any more. */
  end(): void {
    this.#end(this.#previous);
    this.#end(this.#newest);
    this.#previous = undefined;
    this.#newest = undefined;
  }

  /** Whether a text was issued for this seat, has ended and is still recognised. */
  hasEnded(secret: string): boolean {
    return this.#wasIssued(this.#digest(secret));
  }

  #issue(): string {
    this.#epoch += 1;
    const secret = `${this.#epoch}.${this.#random()}`;
    this.#newest = this.#digest(secret);
    return secret;
  }

  #end(digest: Buffer | undefined): void {
    if (digest) this.#ended = [...this.#ended, digest].slice(-REMEMBERED);
  }

  /** Looks at all of them, so that the time says nothing. */
  #wasIssued(digest: Buffer): boolean {
    return this.#ended.filter((ended) => same(digest, ended)).length > 0;
  }

  /** The secret's own text begins with its epoch. */
  #digest(secret: string): Buffer {
    return createHash('sha256').update(`${this.#seat}\n${secret}`).digest();
  }
}

const same = (one: Buffer, other: Buffer | undefined): boolean =>
  other !== undefined && timingSafeEqual(one, other);
