import type { AudioProfileName, ScreenProfileName, VideoProfile, VideoProfileName } from './profiles.ts';
import type { StreamType } from './type.ts';

/** Decides when to try again after the connection was lost. */
export interface ReconnectPolicy {
  /**
   * Milliseconds from the beginning of the attempt before until attempt number `attempt` (from 1; before the first, from the loss);
   * null gives up. An attempt never begins before the one before it has ended.
   */
  delayBefore(attempt: number): number | null;
}

/** Options of `TRTC.create`. */
export interface CreateOptions {
  /** Origin or URL of the Roomkey server. Default: where this script came from, else the page's own origin. */
  url?: string | undefined;
  /** Show a dialog when the browser does not play sound before a gesture. Default true; the event comes anyway. */
  enableAutoPlayDialog?: boolean | undefined;
  /**
   * When to try again after the connection was lost. Default: at first about once a second, then about every two seconds;
   * for about two minutes, or five where nothing is heard at all.
   */
  reconnectPolicy?: ReconnectPolicy | undefined;
}

/** Options of `enterRoom`. */
export interface EnterRoomOptions {
  sdkAppId: number;
  /** 1 to 32 letters, digits, `_` and `-`. */
  userId: string;
  userSig: string;
  /** 1 to 4294967294. One of `roomId` and `strRoomId` is needed; `roomId` wins. */
  roomId?: number | undefined;
  /** Numeric 123 and string "123" are two rooms. */
  strRoomId?: string | undefined;
  /** Default `rtc`. */
  scene?: 'rtc' | 'live' | undefined;
  /** Default `anchor`; an `audience` member of scene `live` may not send. */
  role?: 'anchor' | 'audience' | undefined;
  /** The room's key. Needed where the application enforces permission control. */
  privateMapKey?: string | undefined;
  /** Permission bits to ask for, 0 to 255, of those the key allows. Default: all it allows. */
  authBits?: number | bigint | undefined;
  /** Hear everybody without asking. Default true. */
  autoReceiveAudio?: boolean | undefined;
  /** Receive every video without asking; `startRemoteVideo` still shows it. Default false. */
  autoReceiveVideo?: boolean | undefined;
  /** As in `TRTC.create`, for this entry. */
  enableAutoPlayDialog?: boolean | undefined;
}

/** Options of `switchRole`. */
export interface SwitchRoleOptions {
  /** A new key. Without it, becoming an anchor checks the one in use again. */
  privateMapKey?: string | undefined;
  /** Taken so that code for the vendor's SDK compiles; there is one latency here, the lowest. */
  latencyLevel?: number | undefined;
}

/** Options of `changeAuthority`. */
export interface ChangeAuthorityOptions {
  /** A new key, taken first. */
  privateMapKey?: string | undefined;
}

/** Where a video is shown: elements or their ids; null: nowhere. */
export type View = string | HTMLElement | HTMLElement[] | null;

export type FillMode = 'contain' | 'cover' | 'fill';

/** What keeps its quality on a weak link: `smooth` the frame rate, `clear` the resolution. */
export type QosPreference = 'smooth' | 'clear';

/** A codec to prefer. Default `VP8`. */
export type VideoCodec = 'VP8' | 'VP9' | 'H264';

/** Options of `startLocalAudio` and `updateLocalAudio`; an update changes only what it names. */
export interface LocalAudioOptions {
  /** Send it to the room, now or as soon as one is entered. Default true. */
  publish?: boolean | undefined;
  /** Keep the microphone but send silence. Default false. */
  mute?: boolean | 'microphone' | undefined;
  option?:
    | {
        microphoneId?: string | undefined;
        /** Default `standard`. Fixed at the start. */
        profile?: AudioProfileName | undefined;
        /** A track of the app's own in the place of a microphone; the app stops it. */
        audioTrack?: MediaStreamTrack | undefined;
        /** Each default true. */
        echoCancellation?: boolean | 'remote-only' | 'all' | undefined;
        autoGainControl?: boolean | undefined;
        noiseSuppression?: boolean | undefined;
      }
    | undefined;
}

/** Options of `startLocalVideo` and `updateLocalVideo`; an update changes only what it names. */
export interface LocalVideoOptions {
  /** Where the preview is shown. Default: nowhere. */
  view?: View | undefined;
  publish?: boolean | undefined;
  /** Keep the camera but send black. Default false. A text (the vendor's image in the place of the camera) is refused. */
  mute?: boolean | string | undefined;
  option?:
    | {
        cameraId?: string | undefined;
        useFrontCamera?: boolean | undefined;
        /** Default `480p`. */
        profile?: VideoProfileName | VideoProfile | undefined;
        /** Default `cover`. */
        fillMode?: FillMode | undefined;
        /** Whether the preview is a mirror image. Default `view`, which is true. Others never see one: `publish` and `both` are refused. */
        mirror?: boolean | string | undefined;
        /** Default `smooth`. */
        qosPreference?: QosPreference | undefined;
        /** A track of the app's own in the place of a camera; the app stops it. */
        videoTrack?: MediaStreamTrack | undefined;
        /** Fixed at the start. */
        codec?: VideoCodec | undefined;
      }
    | undefined;
}

/** Options of `startScreenShare` and `updateScreenShare`; an update changes only what it names. */
export interface ScreenShareOptions {
  /** Where the preview is shown. Default: nowhere. */
  view?: View | undefined;
  publish?: boolean | undefined;
  /** Send silence in the place of the screen's sound. Default false. */
  muteSystemAudio?: boolean | undefined;
  option?:
    | {
        /** Default `1080p`. Fixed at the start, as are the next six. */
        profile?: ScreenProfileName | VideoProfile | undefined;
        /** Share the sound too, where the browser and the user let it. Default false. */
        systemAudio?: boolean | undefined;
        echoCancellation?: boolean | undefined;
        autoGainControl?: boolean | undefined;
        noiseSuppression?: boolean | undefined;
        preferDisplaySurface?: 'current-tab' | 'tab' | 'window' | 'monitor' | undefined;
        selfBrowserSurface?: 'include' | 'exclude' | undefined;
        codec?: VideoCodec | undefined;
        /** Default `contain`. */
        fillMode?: FillMode | undefined;
        /** Default `clear`. */
        qosPreference?: QosPreference | undefined;
        /** Tracks of the app's own in the place of a capture; the app stops them. */
        videoTrack?: MediaStreamTrack | undefined;
        audioTrack?: MediaStreamTrack | undefined;
      }
    | undefined;
}

/** Options of `startRemoteVideo` and `updateRemoteVideo`; an update changes only what it names. */
export interface RemoteVideoOptions {
  userId: string;
  /** `main` the camera, `sub` the shared screen. */
  streamType: StreamType;
  /** Where it is shown. Default: nowhere, but it is received. */
  view?: View | undefined;
  option?:
    | {
        /** Default `cover` for a camera, `contain` for a screen. */
        fillMode?: FillMode | undefined;
        /** Default false. */
        mirror?: boolean | undefined;
        /** Receive the smallest size that is sent. Default false: the largest that the link carries. */
        small?: boolean | undefined;
      }
    | undefined;
}

/** Options of `stopRemoteVideo`. */
export interface StopRemoteVideoOptions {
  /** `*`: of everybody. */
  userId: string;
  /** Needed unless `userId` is `*`. */
  streamType?: StreamType | undefined;
}

/** Which track `getAudioTrack` or `getVideoTrack` shall give. */
export interface TrackChoice {
  /** Default: the local user, as with `''`. */
  userId?: string | undefined;
  /** Default `main`. */
  streamType?: StreamType | undefined;
}
