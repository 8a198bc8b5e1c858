/**
 * The names of ILVB, the vendor's SDK before TRTC, for rooms of one broadcaster, viewers, and guests who join in.
 * Every call is one of {@link TRTC}'s; where ILVB took an encrypted authBuffer, a PrivateMapKey is taken.
 *
 * @module
 */
import { errors } from '@roomkey/protocol';
import {
  AUTH_BITS_CREATE_ROOM,
  AUTH_BITS_DEFAULT,
  AUTH_BITS_JOIN_ROOM,
  AUTH_BITS_RECV_AUDIO,
  AUTH_BITS_RECV_SUB,
  AUTH_BITS_RECV_VIDEO,
  AUTH_BITS_SEND_AUDIO,
  AUTH_BITS_SEND_SUB,
  AUTH_BITS_SEND_VIDEO,
  bitsOf,
  maySendAnything,
  parseAuthority,
  permissionNames,
  presets,
} from '@roomkey/tickets/permissions';
import type { TRTC } from './trtc.ts';

/** It went as asked. */
export const AV_OK = 0;
/** It failed, for a reason that has no number of its own. */
export const AV_ERR_FAIL = 1;
/** Already so: in a room, for example. */
export const AV_ERR_HAS_IN_THE_STATE: number = errors.alreadyEntered.ilvb;
/** A parameter is wrong. */
export const AV_ERR_INVALID_ARGUMENT: number = errors.invalidParams.ilvb;
/** No answer came. */
export const AV_ERR_TIMEOUT: number = errors.connectionLost.ilvb;
/** Not in a room. */
export const AV_ERR_ROOM_NOT_EXIST: number = errors.notEntered.ilvb;
/** A ticket is not good, or does not hold what was asked for. */
export const AV_ERR_SERVER_NO_PERMISSION: number = errors.enterRoomDenied.ilvb;

/** A PrivateMapKey: its text, or the bytes of its text. */
export type AuthBuffer = string | Uint8Array;

/** How a room is entered. */
export interface EnterParam {
  readonly sdkAppId: number;
  readonly userId: string;
  readonly userSig: string;
  /** One of `roomId` and `strRoomId` is needed. */
  readonly roomId?: number;
  readonly strRoomId?: string;
  /** What to ask for of what `authBuffer` holds. Default `AUTH_BITS_DEFAULT`. With a send bit the user is a broadcaster. */
  readonly authBits?: number | bigint;
  readonly authBuffer?: AuthBuffer;
}

/** Hears what becomes of a room. `result` is an `AV_…` number, `message` a sentence. */
export interface RoomListener {
  onEnterRoomComplete(result: number, message: string): void;
  onExitRoomComplete?(): void;
  /** The server put the user out, or the connection could not be had again. */
  onRoomDisconnect?(result: number, message: string): void;
}

/** Hears once what became of a change. `reason` has the cause, where there is one. */
export interface ChangeAuthorityCallback {
  OnChangeAuthority(retCode: number, reason?: Error): void;
}

/** A room in ILVB's words, on top of a TRTC object, which does all the rest: microphone, camera, the others. */
export class AVRoomMulti {
  static readonly AUTH_BITS_CREATE_ROOM = AUTH_BITS_CREATE_ROOM;
  static readonly AUTH_BITS_JOIN_ROOM = AUTH_BITS_JOIN_ROOM;
  static readonly AUTH_BITS_SEND_AUDIO = AUTH_BITS_SEND_AUDIO;
  static readonly AUTH_BITS_RECV_AUDIO = AUTH_BITS_RECV_AUDIO;
  static readonly AUTH_BITS_SEND_VIDEO = AUTH_BITS_SEND_VIDEO;
  static readonly AUTH_BITS_RECV_VIDEO = AUTH_BITS_RECV_VIDEO;
  static readonly AUTH_BITS_SEND_SUB = AUTH_BITS_SEND_SUB;
  static readonly AUTH_BITS_RECV_SUB = AUTH_BITS_RECV_SUB;
  static readonly AUTH_BITS_DEFAULT = AUTH_BITS_DEFAULT;
  /** As ILVB spells {@link AVRoomMulti.AUTH_BITS_DEFAULT} on some platforms. */
  static readonly AUTH_BITS_DEFUALT = AUTH_BITS_DEFAULT;
  /** All that the key allows: for the broadcaster. */
  static readonly BROADCASTER: number = AUTH_BITS_DEFAULT;
  /** Enters and receives, 170: for a viewer at entry, and after a joint broadcast. */
  static readonly VIEWER: number = presets.audience;
  /** Enters, receives and sends, 254: for a viewer who joins the broadcast. */
  static readonly GUEST: number = bitsOf(permissionNames.filter((name) => name !== 'createRoom'));

  readonly #trtc: TRTC;
  #listener: RoomListener | undefined;
  #changing = false;

  constructor(trtc: TRTC) {
    this.#trtc = trtc;
    trtc.on('kicked-out', ({ reason, cause }) => this.#disconnected({ cause }, `put out: ${reason}`));
    trtc.on('error', (error) => this.#disconnected(error, error.message));
  }

  /**
   * Enters a room of scene `live`. `AV_OK`: accepted, and `onEnterRoomComplete` comes once; any other number: it does not.
   */
  enterRoom(listener: RoomListener, param: EnterParam): number {
    if (this.#listener || this.#trtc.permissions) return AV_ERR_HAS_IN_THE_STATE;
    const { authBits = AUTH_BITS_DEFAULT, authBuffer, ...who } = param;
    const bits = byteOf(authBits);
    const privateMapKey = keyOf(authBuffer, undefined);
    if (bits === undefined || privateMapKey === null) return AV_ERR_INVALID_ARGUMENT;
    const role = maySendAnything(bits) ? 'anchor' : 'audience';
    this.#listener = listener;
    this.#trtc.enterRoom({ ...who, scene: 'live', role, authBits, privateMapKey }).then(
      () => listener.onEnterRoomComplete(AV_OK, ''),
      (error: Error) => {
        if (this.#listener === listener) this.#listener = undefined;
        listener.onEnterRoomComplete(resultOf(error), error.message);
      },
    );
    return AV_OK;
  }

  /** Leaves. `AV_OK`: accepted, and `onExitRoomComplete` comes once. An entry that is under way fails with `AV_ERR_FAIL`. */
  exitRoom(): number {
    const listener = this.#listener;
    if (!listener) return AV_ERR_ROOM_NOT_EXIST;
    this.#listener = undefined;
    const done = () => listener.onExitRoomComplete?.();
    this.#trtc.exitRoom().then(done, done);
    return AV_OK;
  }

  /**
   * Replaces the whole set of bits asked for; with an `authBuffer` its key is taken first. The user becomes a broadcaster
   * with a send bit, a viewer without. Give up microphone and camera before, or start them after, the callback.
   *
   * True: accepted, and `OnChangeAuthority` comes once, with `AV_OK` when permissions and media are as asked. False, and no
   * callback: outside of a room, while another change is under way, or with bits or a buffer that cannot be right.
   *
   * @param length how much of `authBuffer` counts; default: all of it
   */
  changeAuthority(
    authBits: number | bigint,
    authBuffer: AuthBuffer | null | undefined,
    length: number | undefined,
    callback: ChangeAuthorityCallback,
  ): boolean {
    const privateMapKey = keyOf(authBuffer, length);
    if (this.#changing || !this.#trtc.permissions) return false;
    if (byteOf(authBits) === undefined || privateMapKey === null) return false;
    this.#changing = true;
    const done = (retCode: number, reason?: Error) => {
      this.#changing = false;
      callback.OnChangeAuthority(retCode, reason);
    };
    this.#trtc.changeAuthority(authBits, { privateMapKey }).then(
      () => done(AV_OK),
      (error: Error) => done(resultOf(error), error),
    );
    return true;
  }

  #disconnected(error: { readonly cause?: unknown }, message: string): void {
    const listener = this.#listener;
    this.#listener = undefined;
    listener?.onRoomDisconnect?.(resultOf(error), message);
  }
}

/** Causes that have the number of a refusal of the server. */
const sameAs: Readonly<Record<string, keyof typeof errors>> = {
  notInRoom: 'notEntered',
  repeatedCall: 'alreadyEntered',
  rejoinFailed: 'connectionLost',
  parameterMissing: 'invalidParams',
  parameterType: 'invalidParams',
  parameterEmpty: 'invalidParams',
  roomIdNotANumber: 'invalidParams',
};

/** The `AV_…` number of an error of the SDK. */
function resultOf({ cause }: { readonly cause?: unknown }): number {
  const name = sameAs[String(cause)] ?? String(cause);
  return Object.hasOwn(errors, name) ? errors[name as keyof typeof errors].ilvb : AV_ERR_FAIL;
}

/** The permission byte asked for; undefined when there is no such. */
function byteOf(authBits: number | bigint): number | undefined {
  try {
    return parseAuthority(authBits).bits;
  } catch {
    return undefined;
  }
}

/** The key in a buffer; undefined without one, null when it holds none. */
function keyOf(buffer: AuthBuffer | null | undefined, length: number | undefined): string | undefined | null {
  if (buffer === undefined || buffer === null) return undefined;
  if (length !== undefined && !(Number.isInteger(length) && length > 0 && length <= buffer.length))
    return null;
  const used = buffer.slice(0, length);
  const text = typeof used === 'string' ? used : String.fromCharCode(...used);
  return /^[!-~]+$/.test(text) ? text : null;
}
