import type { RoomWorldUnderTest } from '@roomkey/testkit';
import type { Slot } from '@roomkey/tickets/permissions';
import { namesOf, needs } from './model-permissions.fixture.ts';

/** A track or a consumer that exists at the media plane, and to whom it belongs. */
export interface Flow {
  readonly user: string;
  /** The stay that it belongs to. */
  readonly memberId: string;
  readonly direction: 'send' | 'recv';
  readonly slot: Slot;
}

/** What exists at the media plane, and to whom it belongs. */
export class RaceMedia {
  readonly #world: RoomWorldUnderTest;
  /** Whose transports there are, and of which stay. */
  readonly #owners = new Map<string, { readonly user: string; readonly memberId: string }>();
  /** The tracks and consumers that there were a turn ago. */
  #seen: ReadonlySet<string> = new Set();

  constructor(world: RoomWorldUnderTest) {
    this.#world = world;
  }

  /** A transport belongs to a stay of a user. */
  own(transportId: string, user: string, memberId: string): void {
    this.#owners.set(transportId, { user, memberId });
  }

  /** All that exists at the media plane, whether it flows or not. */
  flows(): Flow[] {
    const { tracks, consumers } = this.#world.plane;
    const of = (direction: 'send' | 'recv', transportId: string, slot: Slot) => {
      const { user = 'nobody', memberId = '' } = this.#owners.get(transportId) ?? {};
      return [`${memberId} ${direction} ${slot}`, { user, memberId, direction, slot }] as const;
    };
    const sent = [...tracks.values()].map(({ transportId, slot }) => of('send', transportId, slot));
    const received = [...consumers.values()].flatMap(({ transportId, trackId }) => {
      const track = tracks.get(trackId);
      return track ? [of('recv', transportId, track.slot)] : [];
    });
    return [...new Map([...sent, ...received]).values()];
  }

  /** The consumers of each stay. */
  get consumers(): Map<string, string[]> {
    const consumers = new Map<string, string[]>();
    for (const { transportId, consumerId } of this.#world.plane.consumers.values()) {
      const { memberId = '' } = this.#owners.get(transportId) ?? {};
      consumers.set(memberId, [...(consumers.get(memberId) ?? []), consumerId].sort());
    }
    return consumers;
  }

  /** Whether the media plane has opened a track. */
  get open(): (user: string, slot: Slot) => boolean {
    const tracks = [...this.#world.plane.tracks.values()];
    const open = new Set(
      tracks.map(({ transportId, slot }) => `${this.#owners.get(transportId)?.user} ${slot}`),
    );
    return (user, slot) => open.has(`${user} ${slot}`);
  }

  /** What is open since the last turn although its record is not kept. What was there before and was taken meanwhile may still be closing. */
  early(): string[] {
    const { journal, plane } = this.#world;
    const before = this.#seen;
    this.#seen = new Set([...plane.tracks.keys(), ...plane.consumers.keys()]);
    const given = new Map<string, string[]>();
    for (const { kind, memberId = '', before = 0, after = 0 } of journal.waiting) {
      if (kind !== 'entered' && kind !== 'granted') continue;
      given.set(memberId, [...(given.get(memberId) ?? []), ...namesOf(after & ~before)]);
    }
    if (given.size === 0) return [];
    const early = (direction: 'send' | 'recv', transportId: string, slot: Slot | undefined) => {
      const { user, memberId = '' } = this.#owners.get(transportId) ?? {};
      const isEarly = slot && needs[direction][slot].some((name) => given.get(memberId)?.includes(name));
      return isEarly ? [`${user} ${direction} ${slot}`] : [];
    };
    const { tracks, consumers } = plane;
    const isNew = ([id]: readonly [string, unknown]) => !before.has(id);
    return [
      ...[...tracks].filter(isNew).flatMap(([, { transportId, slot }]) => early('send', transportId, slot)),
      ...[...consumers]
        .filter(isNew)
        .flatMap(([, { transportId, trackId }]) => early('recv', transportId, tracks.get(trackId)?.slot)),
    ];
  }

  /** All that exists at the media plane, as lines; who has no connection cannot say that it is ready. */
  lines(isConnected: (user: string) => boolean): string[] {
    const { tracks, consumers } = this.#world.plane;
    const flow = (paused: boolean) => (paused ? ' paused' : '');
    const ownerOf = (transportId = '') => this.#owners.get(transportId)?.user;
    const lines = [...tracks.values()].map(
      ({ transportId, slot, paused }) => `${ownerOf(transportId)} sends ${slot}${flow(paused)}`,
    );
    for (const { transportId, trackId, paused } of consumers.values()) {
      const track = tracks.get(trackId);
      const to = ownerOf(transportId) ?? '';
      const isStill = paused && isConnected(to);
      lines.push(`${to} receives ${track?.slot} of ${ownerOf(track?.transportId)}${flow(isStill)}`);
    }
    return lines.sort();
  }
}
