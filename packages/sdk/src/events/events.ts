import type { ExplanationWire, TrackWire } from '@roomkey/protocol';
import type { StreamType } from '../calls/type.ts';
import type { RtcError } from '../errors/rtc-error.ts';
import type { Cause } from '../errors/table.ts';

/** `TRTC.EVENT`: the names of everything the SDK raises. */
export const EVENT = {
  ERROR: 'error',
  AUTOPLAY_FAILED: 'autoplay-failed',
  KICKED_OUT: 'kicked-out',
  REMOTE_USER_ENTER: 'remote-user-enter',
  REMOTE_USER_EXIT: 'remote-user-exit',
  REMOTE_AUDIO_AVAILABLE: 'remote-audio-available',
  REMOTE_AUDIO_UNAVAILABLE: 'remote-audio-unavailable',
  REMOTE_VIDEO_AVAILABLE: 'remote-video-available',
  REMOTE_VIDEO_UNAVAILABLE: 'remote-video-unavailable',
  CONNECTION_STATE_CHANGED: 'connection-state-changed',
  AUDIO_PLAY_STATE_CHANGED: 'audio-play-state-changed',
  VIDEO_PLAY_STATE_CHANGED: 'video-play-state-changed',
  FIRST_VIDEO_FRAME: 'first-video-frame',
  SCREEN_SHARE_STOPPED: 'screen-share-stopped',
  PUBLISH_STATE_CHANGED: 'publish-state-changed',
  TRACK: 'track',
  PERMISSION_CHANGED: 'permission-changed',
  KEY_WILL_EXPIRE: 'key-will-expire',
  KEY_REQUIRED: 'key-required',
  USER_SIG_WILL_EXPIRE: 'user-sig-will-expire',
  REMOTE_VIDEO_RENEWED: 'remote-video-renewed',
} as const;

/** Whether the SDK is connected to a room. */
export type ConnectionState = 'DISCONNECTED' | 'CONNECTING' | 'CONNECTED';

/** Whether a local track reaches the room. */
export type PublishState = 'stopped' | 'starting' | 'started';

/** What a picture or a sound on this page does. */
export type PlayState = 'PLAYING' | 'PAUSED' | 'STOPPED';

/** Why a {@link PlayState} changed. */
export type PlayReason = 'playing' | 'mute' | 'unmute' | 'pause' | 'ended';

/** What a user sends, as the server knows it. */
export type Slot = TrackWire['slot'];

interface UserStream {
  readonly userId: string;
  readonly streamType: StreamType;
}

/** What each event carries. A user id of `''` is the local user. */
export interface TrtcEvents {
  /** The SDK could not come back into the room and has left it: `code` 5500, `extraCode` 5502 (re-entry) or 5501 (no media path). */
  error: [RtcError];
  /** The browser does not play before a gesture of the user. A gesture anywhere on the page, or `resume()`, plays. */
  'autoplay-failed': [
    {
      readonly userId: string;
      readonly mediaType: 'audio' | 'video' | 'screen';
      readonly resume: () => Promise<void>;
    },
  ];
  /**
   * The server put the user out; the SDK has left already. `kick`: the same user entered elsewhere. `banned`: also when a
   * ticket is no longer good; `cause` then says which and why.
   */
  'kicked-out': [{ readonly reason: 'kick' | 'banned' | 'room_disband'; readonly cause?: Cause }];
  /** Also raised, right after entry, for those who are inside already. */
  'remote-user-enter': [{ readonly userId: string }];
  /** 0: left by itself, 1: lost, 2: removed or replaced, 3: became an audience member. */
  'remote-user-exit': [{ readonly userId: string; readonly reason: 0 | 1 | 2 | 3 }];
  /** The user's microphone or the sound of its screen can be heard. */
  'remote-audio-available': [{ readonly userId: string }];
  'remote-audio-unavailable': [{ readonly userId: string }];
  /** Call `startRemoteVideo` to see it. */
  'remote-video-available': [UserStream];
  /** The SDK stops playing by itself. */
  'remote-video-unavailable': [UserStream];
  'connection-state-changed': [
    {
      readonly prevState: ConnectionState;
      readonly state: ConnectionState;
      readonly isReconnecting?: boolean;
    },
  ];
  'audio-play-state-changed': [
    { readonly userId: string; readonly state: PlayState; readonly reason: PlayReason },
  ];
  'video-play-state-changed': [UserStream & { readonly state: PlayState; readonly reason: PlayReason }];
  /** The first decoded picture of a video that is shown. */
  'first-video-frame': [UserStream & { readonly width: number; readonly height: number }];
  /** The user ended the sharing in the browser; it is stopped already. */
  'screen-share-stopped': [];
  /** `slot` tells the screen's sound (`screenAudio`) from its picture; both have the media type `screen`. */
  'publish-state-changed': [
    {
      readonly mediaType: 'audio' | 'video' | 'screen';
      readonly slot: Slot;
      readonly state: PublishState;
      readonly prevState: PublishState;
      readonly reason?: 'error' | 'api-call';
      readonly error?: RtcError;
    },
  ];
  track: [
    {
      readonly userId: string;
      readonly streamType: StreamType;
      readonly track: MediaStreamTrack;
      readonly sourceTrack: MediaStreamTrack;
    },
  ];
  /**
   * The permission byte in force is another one, or something else keeps a permission away (`before` is `after` then);
   * `TRTC.permissions` tells the same already. `reasons`: what clears each
   * missing bit. Received media comes and goes by itself; a local track that was stopped is published again by the app.
   */
  'permission-changed': [
    { readonly before: number; readonly after: number; readonly reasons: ExplanationWire['cleared'] },
  ];
  /** The PrivateMapKey expires soon. `expiresAt` in unix seconds; `secondsLeft` by this computer's clock, not below 0. */
  'key-will-expire': [{ readonly expiresAt: number; readonly secondsLeft: number }];
  /**
   * The UserSig of this entry expires in 30 s or less. Nobody is put out for that, but a later re-entry needs a good one: give it with
   * `updateUserSig`. `expiresAt` in unix seconds; `secondsLeft` by this computer's clock, not below 0.
   */
  'user-sig-will-expire': [{ readonly expiresAt: number; readonly secondsLeft: number }];
  /**
   * Packets of a video came for some seconds and no picture could be made of them; the SDK receives it anew. `times`: how often it
   * did so since the last picture. Nothing has to be done; worth a line in the application's log.
   */
  'remote-video-renewed': [UserStream & { readonly times: number }];
  /** Without a good PrivateMapKey within so many `seconds` the user is out; `cause`: what is wrong with the one in use. */
  'key-required': [{ readonly seconds: number; readonly cause: Cause }];
}

export type EventName = keyof TrtcEvents;

/** Raises an event. */
export type Emit = <E extends EventName>(event: E, ...payload: TrtcEvents[E]) => void;
