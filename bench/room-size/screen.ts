import { sentParameters } from '@roomkey/testkit/rtp';

/** The additional track that a sender publishes; no packet of it ever comes. */
export const screen = {
  slot: 'screen',
  rtpParameters: sentParameters({ mid: '2', kind: 'video', ssrc: 3333, payloadType: 96 }),
} as const;
