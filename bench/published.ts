import type { SentStream } from '@roomkey/testkit/rtp';

/** The header extension of transport-cc. */
export const transportCcUri = 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01';
export const transportCcId = 3;

export const audio: SentStream = { mid: '0', kind: 'audio', ssrc: 1111, payloadType: 111 };
export const video: SentStream = { mid: '1', kind: 'video', ssrc: 2222, payloadType: 96 };

/** What somebody publishes: a microphone and a camera. */
export const published = [
  { slot: 'microphone', stream: audio },
  { slot: 'camera', stream: video },
] as const;

/** The member who sends, connected to a server. */
export interface Publisher {
  /** Puts one packet on the wire; false when it could not. */
  send(stream: SentStream, packet: Buffer): boolean;
  close(): void;
}
