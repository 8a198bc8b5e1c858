import type { MediaPlace } from '../ports/index.ts';
import type { FrozenPicture, RoomMedia } from './media/room-media.ts';
import type { Publications } from './publications.ts';
import type { Member } from './state/member.ts';
import type { Roster } from './state/roster.ts';
import type { Turns } from './turns.ts';

/** What the events of the media plane act on. */
interface Parts {
  readonly roster: Roster;
  readonly media: RoomMedia;
  readonly publications: Publications;
  readonly turns: Turns;
}

/** What happens in one room when the media plane says that something was lost, or went too far. */
export class RoomMediaEvents {
  readonly #parts: Parts;
  /** Frozen pictures that the next turn takes together: when a sender makes no key frame, they come all at once. */
  readonly #frozen: FrozenPicture[] = [];

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** The members whose media was on a place that is gone lose it, and are told. */
  placeLost(place: MediaPlace): void {
    this.#parts.turns.post(() => {
      this.#parts.media.placeLost(place);
      this.#loseMedia([...this.#parts.roster].filter((member) => member.place?.placeId === place.placeId));
      // Those that were lost before can come back elsewhere now, also when that place took nobody any more.
      this.#parts.publications.waitAnew();
    });
  }

  /** A media worker runs after none did: whoever lost its media can come back from now on. */
  mediaAvailable(): void {
    this.#parts.turns.post(() => this.#parts.publications.waitAnew());
  }

  /** The peer of a transport fell silent. */
  transportLost(transportId: string): void {
    this.#parts.turns.post(() => {
      const member = this.#parts.media.ownerOf(transportId);
      if (member?.inside) this.#loseMedia([member]);
    });
  }

  /** An opening of a track was above its bound. */
  bitrateExceeded(mediaId: string): void {
    this.#parts.turns.post(() => {
      const published = this.#parts.media.openedAs(mediaId);
      if (published) this.#parts.publications.bitrateExceeded(published);
    });
  }

  /** A receiver asks for more key frames than anybody needs: it receives the track no more, and not again for a while. */
  keyFramesExceeded(transportId: string, consumerId: string): void {
    this.#parts.turns.post(() => {
      const member = this.#parts.media.ownerOf(transportId);
      const published = member && this.#parts.media.of(member)?.receives(consumerId, 'keyFramesExceeded');
      if (!published) return;
      const { userId } = published.member;
      const { slot } = published.track;
      this.#parts.media.subscriptions.shut(member, userId, slot);
      this.#parts.media.subscriptionChanged(member, userId, slot);
    });
  }

  /** A picture does not fit through its receiver's link, and waits; or it flows again. */
  pictureWaits(transportId: string, consumerId: string, waits: boolean): void {
    this.#parts.turns.post(() => {
      const member = this.#parts.media.ownerOf(transportId);
      if (member) this.#parts.media.of(member)?.setWaiting(consumerId, waits);
    });
  }

  /** A picture did not reach its receiver, and what the media plane could do did not help: it begins anew with the client. */
  pictureFrozen(transportId: string, consumerId: string): void {
    this.#frozen.push({ transportId, consumerId });
    if (this.#frozen.length > 1) return;
    this.#parts.turns.post(() => this.#parts.media.renew(this.#frozen.splice(0)));
  }

  /** The transports of members are gone, or as good as gone: their tracks wait for them to come back. */
  #loseMedia(members: readonly Member[]): void {
    this.#parts.media.lose(members);
    const lost = this.#parts.publications.lose(members);
    this.#parts.media.afterwards([...lost], ([member, tracks]) => {
      const trackIds = tracks.map(({ trackId }) => trackId);
      this.#parts.roster.tell(member, { method: 'mediaLost', params: { trackIds } });
    });
  }
}
