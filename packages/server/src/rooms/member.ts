import type { MemberWire, RtpCapabilities } from '@roomkey/protocol';
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
import type { MediaPlace, MemberLink } from './ports.ts';
import { type Track, trackWire } from './track.ts';
import { type AutoReceive, Wishes } from './wishes.ts';

/** Who somebody is inside a room; given at entry and fixed. */
export interface MemberIdentity {
  readonly memberId: string;
  readonly userId: string;
  readonly scene: Scene;
  readonly role: Role;
  /** The keys that signed the member's tickets. */
  readonly userSigKeyId: string;
  readonly privateMapKeyKeyId: string | undefined;
  /** What the member can receive; undefined: nothing. */
  readonly rtpCapabilities: RtpCapabilities | undefined;
}

/** One transport of a member at the media plane. */
interface MemberTransport {
  readonly transportId: string;
  /** The plane has answered: tracks and consumers may use it. */
  open: boolean;
}

/** State of one member. Only its room changes it, inside the room's mailbox. */
export class Member {
  readonly identity: MemberIdentity;
  readonly link: MemberLink;
  readonly wishes: Wishes;
  readonly operands: Operands;
  readonly tracks = new Map<Slot, Track>();
  /** Slots that take no track until then, unix milliseconds. */
  readonly shutUntil = new Map<Slot, number>();
  /** Where the member's media is; replaced as a whole together with its transports. */
  place: MediaPlace | undefined;
  transports: Partial<Record<Direction, MemberTransport>> = {};
  inside = true;

  constructor(identity: MemberIdentity, operands: Operands, autoReceive: AutoReceive, link: MemberLink) {
    this.identity = identity;
    this.operands = operands;
    this.wishes = new Wishes(autoReceive);
    this.link = link;
  }

  get userId(): string {
    return this.identity.userId;
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
    return this.identity.scene === 'rtc' || this.identity.role === 'anchor';
  }

  /** The track of an id, in whatever state. */
  track(trackId: string): Track | undefined {
    for (const track of this.tracks.values()) if (track.trackId === trackId) return track;
    return undefined;
  }

  /** The member as others see it. */
  wire(): MemberWire {
    const known = [...this.tracks.values()].filter((track) => track.announced);
    return { userId: this.userId, role: this.identity.role, tracks: known.map(trackWire) };
  }
}
