import type { DtlsParameters } from '@roomkey/protocol';
import { type SentStream, sentParameters } from '@roomkey/testkit/rtp';

/** How many enter, and how. */
export interface EntryPlan {
  readonly rooms: number;
  /** Members per room; the first publishes a microphone and a camera, the others receive both. */
  readonly roomSize: number;
  /** Members who are entering at the same time, each in another room. */
  readonly parallel: number;
}

/** What one run did. */
export interface EntryRun {
  readonly entries: number;
  readonly seconds: number;
}

/** What the publisher of a room sends; no packet of it ever comes. */
export const published = (
  [
    { slot: 'microphone', mid: '0', kind: 'audio', ssrc: 1111, payloadType: 111 },
    { slot: 'camera', mid: '1', kind: 'video', ssrc: 2222, payloadType: 96 },
  ] as const
).map(({ slot, ...stream }) => ({
  slot,
  kind: stream.kind,
  rtpParameters: sentParameters(stream satisfies SentStream),
}));

/** The certificate of a peer that never comes. */
export const absentPeer: DtlsParameters = {
  role: 'client',
  fingerprints: [{ algorithm: 'sha-256', value: Array(32).fill('AB').join(':') }],
};

/** Lets everybody of a plan enter: each room in its order, so many rooms at once. */
export async function enterAll(
  { rooms, roomSize, parallel }: EntryPlan,
  enter: (room: number, member: number) => Promise<void>,
): Promise<EntryRun> {
  const started = performance.now();
  let next = 0;
  const lane = async () => {
    while (next < rooms) {
      const room = next++;
      for (let member = 0; member < roomSize; member++) await enter(room, member);
    }
  };
  await Promise.all(Array.from({ length: parallel }, lane));
  return { entries: rooms * roomSize, seconds: (performance.now() - started) / 1000 };
}
