import type {
  ConsumerOffer,
  DtlsParameters,
  ErrorName,
  IceParameters,
  MediaKind,
  Notice,
  RtpCapabilities,
  RtpParameters,
  TransportOffer,
} from '@roomkey/protocol';
import type { Direction, PermissionName, Slot } from '@roomkey/tickets/permissions';

/** The time, so that no decision reads a clock by itself. */
export interface Clock {
  /** Wall clock, unix milliseconds: for tickets and records. Somebody may set it. */
  now(): number;
  /** Milliseconds of the monotonic clock, from whenever: for how long something holds in this process. */
  elapsed(): number;
  /** Runs `job` once after `ms` on the monotonic clock; returns the undo. */
  after(ms: number, job: () => void): () => void;
}

/** How an application checks the PrivateMapKey. */
export type PermissionControl = 'off' | 'observe' | 'enforce';

/** `active`: signs and verifies. `retired`: verifies nothing new. `compromised`: the same, and what it signed is void. */
export type KeyState = 'active' | 'retired' | 'compromised';

/** One secret key of an application, opened. */
export interface SecretKey {
  readonly keyId: string;
  readonly secret: string;
  readonly state: KeyState;
}

/** What an operator decides for an application. */
export interface ApplicationSettings {
  readonly name: string;
  readonly permissionControl: PermissionControl;
  /** What happens when a key expires inside a room. */
  readonly expiryPolicy: 'keep' | 'demote' | 'remove';
  /** What happens to a member who becomes an anchor with a key that no longer verifies. */
  readonly staleKeyPolicy: 'remove' | 'refuse';
  /** Which of two entries of one user holds. */
  readonly duplicatePolicy: 'replace' | 'refuse';
  /** Most members in one room. */
  readonly maxMembersPerRoom: number;
  /** Most rooms of the application at a time. */
  readonly maxRooms: number;
  /** Seconds that an empty room goes on existing. */
  readonly lingerSeconds: number;
  /** Seconds that members without a valid key may stay after permission control was switched to `enforce`. */
  readonly graceSeconds: number;
}

/** An application as the rooms see it. */
export interface Application extends ApplicationSettings {
  readonly sdkAppId: number;
  readonly keys: readonly SecretKey[];
  /** Permission control of single rooms, by room key. */
  readonly roomControls: ReadonlyMap<string, PermissionControl>;
}

/** The newest applications, in memory: a check never waits for a database. */
export interface Applications {
  find(sdkAppId: number): Application | undefined;
}

/** The way back to one client; whether a WebSocket, a pipe or a test is behind it, the room does not know. */
export interface MemberLink {
  /** Sends a notice; never throws, never blocks. */
  notify(notice: Notice): void;
  /**
   * Ends the connection after what was sent before. The room has already forgotten the member, or,
   * when this one is `superseded`, hears it over another connection.
   */
  end(superseded?: 'superseded'): void;
}

/** Where the media of a member is. One value, replaced as a whole. */
export interface MediaPlace {
  /** Names a worker of a node during one life of it: a restarted worker is another place. */
  readonly placeId: string;
}

/** Told by the media plane, at any time. */
export interface MediaEvents {
  /** A worker died; everything on the place is gone. */
  placeLost(place: MediaPlace): void;
  /** A track was above its bound; it still flows. */
  bitrateExceeded(trackId: string): void;
  /** The peer of a transport fell silent (ICE consent or DTLS closed). */
  transportLost(transportId: string): void;
}

/**
 * The media plane in the words of the rooms. Ids are given by the caller and are unique for good.
 *
 * Every promise settles within the plane's deadline; a refusal is a `ServiceError`: `mediaUnavailable`
 * (worker gone, deadline) or, for parameters that the engine does not take, `rtpParametersInvalid` or `codecUnsupported`.
 * The `close…` calls return at once, are idempotent and accept unknown ids; calls to one place take effect in the order they were made.
 */
export interface MediaPlane {
  /** What every place can receive and send: the router's capabilities. */
  readonly rtpCapabilities: RtpCapabilities;
  /** Chooses a place for a room (by load). Throws `mediaUnavailable` when no worker lives. */
  place(room: string): MediaPlace;
  openTransport(
    place: MediaPlace,
    room: string,
    transportId: string,
    direction: Direction,
  ): Promise<TransportOffer>;
  connectTransport(transportId: string, dtls: DtlsParameters): Promise<void>;
  restartIce(transportId: string): Promise<IceParameters>;
  /** Opens a track, paused. */
  openTrack(track: {
    readonly trackId: string;
    readonly transportId: string;
    readonly kind: MediaKind;
    readonly slot: Slot;
    readonly rtpParameters: RtpParameters;
  }): Promise<void>;
  /** Forwards a track, or stops forwarding it. */
  setTrackPaused(trackId: string, paused: boolean): Promise<void>;
  /** Opens a consumer, paused. Throws `codecUnsupported` when the receiver cannot decode the track. */
  openConsumer(consumer: {
    readonly consumerId: string;
    readonly transportId: string;
    readonly trackId: string;
    readonly rtpCapabilities: RtpCapabilities;
  }): Promise<ConsumerOffer>;
  /** Lets packets flow (video begins with a key frame). */
  resumeConsumer(consumerId: string): Promise<void>;
  setSpatialLayer(consumerId: string, spatialLayer: number): Promise<void>;
  closeConsumer(consumerId: string): void;
  closeTrack(trackId: string): void;
  closeTransport(transportId: string): void;
  /**
   * Resolves when every `close…` and pause on a place, made before, is done in the engine: no packet leaves any more
   * that they forbid. When the worker does not say so within a second, the transports named are cut off and told to be
   * lost; when it does not say so soon after either, it is killed, which is also an end. Never rejects.
   */
  acknowledged(place: MediaPlace, transportIds?: readonly string[]): Promise<void>;
  /** Tells that the room has ended: what it held on every place goes. */
  closeRoom(room: string): void;
  /** Where to tell what happens; set once, before the first call. */
  listen(events: MediaEvents): void;
}

/** How a change of permissions comes that no request of a member asks for, and the one that comes with `resume`. */
export type ChangeWay = 'operator' | 'revocation' | 'expiry' | 'application' | 'resume';

/** Measures a change of permissions: called when it arrives, the result when the media engine has done what it closes. Never throws. */
export type ChangeTimer = (way: ChangeWay) => () => void;

/** Hears what happened, after it happened: metrics and logs. Never throws. */
export interface Observer {
  entered(room: string, userId: string): void;
  left(room: string, userId: string, reason: string): void;
  /** A member has taken up its seat with another connection. */
  resumed(room: string, userId: string): void;
  /** A request was refused; `observed` means that it would have been under `enforce`. */
  refused(
    cause: ErrorName,
    at: {
      readonly sdkAppId: number;
      readonly observed: boolean;
      /** Of whom and where, when it was observed. */
      readonly room?: string;
      readonly userId?: string;
    },
  ): void;
  /** Where keys are only observed: a key was taken that does not hold permissions which its member has all the same. */
  lacking(
    at: { readonly sdkAppId: number; readonly room: string; readonly userId: string },
    permissions: readonly PermissionName[],
  ): void;
}
