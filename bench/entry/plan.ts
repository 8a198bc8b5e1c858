import type { DtlsParameters } from '@roomkey/protocol';
import { sentParameters } from '@roomkey/testkit/rtp';
import { published } from '../published.ts';

/** How many enter, and how. */
export interface EntryPlan {
  readonly rooms: number;
  /** Members per room who enter. */
  readonly entering: number;
  /** Members who are entering at the same time, each in another room. */
  readonly parallel: number;
}

/** What one run did. */
export interface EntryRun {
  readonly entries: number;
  readonly seconds: number;
}

/** What a publisher sends, as its client describes it. */
export const publishedTracks = published.map(({ slot, stream }) => ({
  slot,
  kind: stream.kind,
  rtpParameters: sentParameters(stream),
}));

/** The certificate of a peer that never comes. */
export const absentPeer: DtlsParameters = {
  role: 'client',
  fingerprints: [{ algorithm: 'sha-256', value: Array(32).fill('AB').join(':') }],
};

/** Lets everybody of a plan enter: each room in its order, so many rooms at once. */
export async function enterAll(
  { rooms, entering, parallel }: EntryPlan,
  enter: (room: number, member: number) => Promise<void>,
): Promise<EntryRun> {
  const started = performance.now();
  let next = 0;
  const lane = async () => {
    while (next < rooms) {
      const room = next++;
      for (let member = 0; member < entering; member++) await enter(room, member);
    }
  };
  await Promise.all(Array.from({ length: parallel }, lane));
  return { entries: rooms * entering, seconds: (performance.now() - started) / 1000 };
}
