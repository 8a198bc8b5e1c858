import type { MediaPlane } from '@roomkey/server/ports';
import type { Direction, Slot } from '@roomkey/tickets/permissions';
import { overriding } from './overriding.ts';
import { guards, type MediaBit } from './permission-model.ts';

/**
 * A media plane that forgets what the rooms close because of one bit: tracks of the slots that need it, with their
 * consumers, or the consumers alone. What is closed with its transport it closes.
 */
export function forgetfulPlane(plane: MediaPlane, direction: Direction, bit: MediaBit): MediaPlane {
  const guarded = (slot: Slot) => guards(bit, { direction, slot });
  /** Of the tracks that need the bit. */
  const trackIds = new Set<string>();
  const forgotten = new Set<string>();
  const trackOf = new Map<string, string>();
  const isForgotten = (trackId: string) => (direction === 'send' ? forgotten : trackIds).has(trackId);
  return overriding(plane, {
    openTrack: (track) => {
      if (guarded(track.slot)) trackIds.add(track.trackId);
      return plane.openTrack(track);
    },
    openConsumer: (consumer) => {
      trackOf.set(consumer.consumerId, consumer.trackId);
      return plane.openConsumer(consumer);
    },
    closeTrack: (trackId) => {
      if (direction === 'send' && trackIds.has(trackId)) forgotten.add(trackId);
      else plane.closeTrack(trackId);
    },
    closeConsumer: (consumerId) => {
      if (!isForgotten(trackOf.get(consumerId) ?? '')) plane.closeConsumer(consumerId);
    },
  });
}

/** A media plane that says beforehand that the worker of a place has died. */
export const hearingOfDeaths = (plane: MediaPlane, died: () => void): MediaPlane =>
  overriding(plane, {
    listen: (events) =>
      plane.listen(
        overriding(events, {
          placeLost: (place, rooms) => {
            died();
            events.placeLost(place, rooms);
          },
        }),
      ),
  });
