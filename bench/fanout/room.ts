import type { SentStream } from '@roomkey/testkit/rtp';

/** The member who sends, connected to a server. */
export interface Publisher {
  /** Puts one packet on the wire; false when it could not. */
  send(stream: SentStream, packet: Buffer): boolean;
  close(): void;
}

/** A member who receives, connected to a server. */
export interface Watcher {
  close(): void;
}
