import type { MemberWire, NoticeParams, RtpCapabilities } from '@roomkey/protocol';
import {
  allows,
  type Direction,
  effective,
  type Operands,
  type Role,
  type Scene,
  type Slot,
  slotNeeds,
} from '@roomkey/tickets/permissions';
import type { CarriedKey, HeldUserSig } from '../../access/index.ts';
import type { AutoReceive, MediaPlace, MemberLink, Recording } from '../../ports/index.ts';
import type { TokenBucket } from '../../token-bucket.ts';
import { type Track, trackWire } from './track.ts';

/** Who somebody is inside a room; given at entry and fixed. */
export interface MemberIdentity {
  readonly memberId: string;
  readonly userId: string;
  readonly scene: Scene;
  /** The UserSig of the entry. */
  readonly userSig: HeldUserSig;
  /** What the member can receive; undefined: nothing. */
  readonly rtpCapabilities: RtpCapabilities | undefined;
  readonly autoReceive: AutoReceive;
  /** Rises with every entry into the room: where several come into question, who came first goes first. */
  readonly entryNumber: number;
}

/** One transport of a member at the media plane. */
interface MemberTransport {
  readonly transportId: string;
  /** The plane has answered: tracks and consumers may use it. */
  open: boolean;
  /** The client's fingerprint is known there. */
  connected: boolean;
}

/** State of one member. Only its room changes it, within a turn. */
export class Member {
  readonly identity: MemberIdentity;
  /** To the client; replaced when the seat is resumed. */
  link: MemberLink;
  /** Replaced as a whole by every change of permission. */
  operands: Operands;
  /** Rises with every change of permission. */
  version = 1;
  role: Role;
  privateMapKey: CarriedKey;
  /** Writes the record of the member's newest change, where that was put off. */
  #record: (() => void) | undefined;
  #recording: Recording | undefined;
  readonly tracks = new Map<Slot, Track>();
  /** The last track of each slot that was closed against its publisher's will, as it was told. */
  readonly closed = new Map<Slot, NoticeParams<'trackClosed'>>();
  /** Where the member's media is; replaced as a whole together with its transports. */
  place: MediaPlace | undefined;
  transports: Partial<Record<Direction, MemberTransport>> = {};
  inside = true;
  /** What the member may yet change that others have to follow. */
  readonly changes: TokenBucket;

  constructor(
    identity: MemberIdentity,
    begin: {
      readonly operands: Operands;
      readonly role: Role;
      readonly privateMapKey: CarriedKey;
      readonly changes: TokenBucket;
    },
    link: MemberLink,
  ) {
    this.identity = identity;
    this.operands = begin.operands;
    this.role = begin.role;
    this.privateMapKey = begin.privateMapKey;
    this.changes = begin.changes;
    this.link = link;
  }

  get autoReceive(): AutoReceive {
    return this.identity.autoReceive;
  }

  get userId(): string {
    return this.identity.userId;
  }

  /** The newest record of what was given to the member, as long as it is not on disk: nothing new opens before. */
  get recording(): Recording | undefined {
    this.writeRecord();
    return this.#recording;
  }

  set recording(recording: Recording | undefined) {
    this.#recording = recording;
  }

  /**
   * Puts off the record of a change: `write` hands it over at `writeRecord`, before anything is opened that the change gives,
   * or before the next record of the member.
   */
  recordLater(write: () => void): void {
    this.writeRecord();
    this.#record = write;
  }

  /** Hands over the record that was put off, if there is one. */
  writeRecord(): void {
    const write = this.#record;
    this.#record = undefined;
    write?.();
  }

  /** The permission byte in force. */
  get effective(): number {
    return effective(this.operands);
  }

  /** Whether the member may send into, or receive from, a slot. */
  may(direction: Direction, slot: Slot): boolean {
    return allows(this.effective, slotNeeds(direction, slot));
  }

  /** In scene `live` an audience member comes and goes unseen: there can be a hundred thousand of them. */
  get visible(): boolean {
    return this.identity.scene === 'rtc' || this.role === 'anchor';
  }

  /** The ids of the transports, open or not yet. */
  get transportIds(): string[] {
    return Object.values(this.transports).map(({ transportId }) => transportId);
  }

  /** The track of an id, in whatever state. */
  track(trackId: string): Track | undefined {
    for (const track of this.tracks.values()) if (track.trackId === trackId) return track;
    return undefined;
  }

  /** The tracks that others know of. */
  get announced(): Track[] {
    return [...this.tracks.values()].filter((track) => track.announced);
  }

  /** The member as others see it. */
  wire(): MemberWire {
    return { userId: this.userId, role: this.role, tracks: this.announced.map(trackWire) };
  }
}
