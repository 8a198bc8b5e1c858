import type {
  ConsumerOffer,
  DtlsParameters,
  IceParameters,
  MediaKind,
  RtpCapabilities,
  RtpParameters,
  TransportOffer,
} from '@roomkey/protocol';
import type { Direction, Slot } from '@roomkey/tickets/permissions';

/** Where the media of a member is. One value, replaced as a whole. */
export interface MediaPlace {
  /** Names a worker of a node during one life of it: a restarted worker is another place. */
  readonly placeId: string;
}

/** How packets come to a transport and go from it. `webrtc`: encrypted, to and from one client. */
export type TransportKind = 'webrtc';

/** Told by the media plane, at any time. Rooms are named as they were to the plane. */
export interface MediaEvents {
  /** A worker died; everything on the place is gone, of all these rooms. */
  placeLost(place: MediaPlace, rooms: readonly string[]): void;
  /** Transports can be opened again: a worker runs after none did, or has descriptors or memory again. */
  available(): void;
  /** A track of a room was above its bound; it still flows. */
  bitrateExceeded(room: string, trackId: string): void;
  /** The receiver of a consumer asked for more than ten key frames in a second; it still flows. Told once for each consumer. */
  keyFramesExceeded(room: string, transportId: string, consumerId: string): void;
  /** The picture of a consumer does not fit through the link of its receiver, and waits; or it flows again. */
  pictureWaits(room: string, transportId: string, consumerId: string, waits: boolean): void;
  /** A picture did not reach its receiver though nothing forbids it, and beginning anew did not help: its consumer is to be made anew. */
  pictureFrozen(room: string, transportId: string, consumerId: string): void;
  /** The peer of a transport in a room fell silent (ICE consent or DTLS closed). */
  transportLost(room: string, transportId: string): void;
}

/**
 * The media plane in the words of the rooms. Ids, those of rooms included, are given by the caller and are unique for good.
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
  /** Whether transports can be opened for a room, where it is or where it would be placed. */
  takesTransports(room: string): boolean;
  openTransport(transport: {
    readonly kind: TransportKind;
    readonly place: MediaPlace;
    readonly room: string;
    readonly transportId: string;
    readonly direction: Direction;
  }): Promise<TransportOffer>;
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
  /** Lets packets flow (video begins with a key frame); of a track that a transport began to receive too often, after a while. */
  resumeConsumer(consumerId: string): Promise<void>;
  setSpatialLayer(consumerId: string, spatialLayer: number): Promise<void>;
  closeConsumer(consumerId: string): void;
  closeTrack(trackId: string): void;
  closeTransport(transportId: string): void;
  /**
   * Resolves when every `close…` and pause on a place, made before, is done in the engine: no packet leaves any more
   * that they forbid. When the worker says nothing for a second, or answers nothing for about eleven though it says something, the
   * transports named are cut off and told to be lost; when it does not get on in half of that time either, it is killed, which is
   * also an end. Never rejects.
   */
  confirmClosed(place: MediaPlace, transportIds?: readonly string[]): Promise<void>;
  /** Tells that the room has ended: what it held on every place goes. */
  closeRoom(room: string): void;
  /** Where to tell what happens; set once, before the first call. */
  listen(events: MediaEvents): void;
}
