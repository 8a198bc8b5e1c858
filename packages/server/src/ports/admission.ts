import type { RoomRef, RtpCapabilities } from '@roomkey/protocol';
import type { Role, Scene } from '@roomkey/tickets/permissions';

/** What a member receives without asking for each. */
export interface AutoReceive {
  readonly audio: boolean;
  readonly video: boolean;
}

/**
 * Who asks to come into a room, and as what. It says nothing about the way on which it came: whoever can name these values can
 * be a member, with or without a WebSocket. Nothing in it has been checked.
 */
export interface Admission {
  readonly sdkAppId: number;
  readonly room: RoomRef;
  readonly userId: string;
  readonly userSig: string;
  readonly privateMapKey: string | undefined;
  readonly scene: Scene;
  readonly role: Role;
  /** What is asked for of the bits that the key holds; undefined: everything. */
  readonly authBits: number | string | undefined;
  /** What the member can receive; undefined: nothing. */
  readonly rtpCapabilities: RtpCapabilities | undefined;
  readonly autoReceive: AutoReceive;
}
