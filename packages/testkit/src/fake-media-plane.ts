import {
  type ConsumerOffer,
  type DtlsParameters,
  type IceParameters,
  type RtpCapabilities,
  ServiceError,
  type TransportOffer,
} from '@roomkey/protocol';
import type { MediaEvents, MediaPlace, MediaPlane } from '@roomkey/server/ports';

type OpenTrack = Parameters<MediaPlane['openTrack']>[0];
type OpenConsumer = Parameters<MediaPlane['openConsumer']>[0];

const fingerprint = { algorithm: 'sha-256', value: Array(32).fill('AB').join(':') } as const;

/**
 * A media plane without media: it keeps what is open and what would flow, answers when told to,
 * and can lose a place. It obeys the contract of the real one.
 */
export class FakeMediaPlane implements MediaPlane {
  readonly rtpCapabilities: RtpCapabilities = {
    codecs: [
      { kind: 'audio', mimeType: 'audio/opus', clockRate: 48000, channels: 2, preferredPayloadType: 100 },
    ],
  };
  readonly transports = new Map<string, { place: MediaPlace; room: string }>();
  readonly tracks = new Map<string, OpenTrack & { paused: boolean }>();
  readonly consumers = new Map<string, OpenConsumer & { paused: boolean; spatialLayer?: number }>();
  /** Every call, in order, as `name id`. */
  readonly calls: string[] = [];
  #events: MediaEvents | undefined;
  #life = 0;
  #available = true;
  #held: (() => void)[] | undefined;

  listen(events: MediaEvents): void {
    this.#events = events;
  }

  /** Whether a worker runs; one that begins to is told. */
  get available(): boolean {
    return this.#available;
  }

  set available(available: boolean) {
    this.#available = available;
    if (available) this.#events?.available();
  }

  takesTransports(): boolean {
    return this.#available;
  }

  place(): MediaPlace {
    if (!this.#available) throw new ServiceError('mediaUnavailable');
    return this.#place;
  }

  get #place(): MediaPlace {
    return { placeId: `place-${this.#life}` };
  }

  /** From now on openings wait; the result lets them go on, in order: so many of the oldest, or all and those that come. */
  hold(): (count?: number) => Promise<void> {
    const held: (() => void)[] = [];
    this.#held = held;
    return async (count) => {
      if (count === undefined) this.#held = undefined;
      for (const go of held.splice(0, count ?? held.length)) go();
      await settled();
    };
  }

  /** Loses everything, as when a worker dies; later calls go to another place. */
  losePlace(): void {
    const place = this.#place;
    this.#life++;
    const rooms = new Set([...this.transports.values()].map(({ room }) => room));
    this.transports.clear();
    this.tracks.clear();
    this.consumers.clear();
    this.#events?.placeLost(place, [...rooms]);
  }

  /** The track is above its bound. */
  exceedBitrate(trackId: string): void {
    const { transportId = '' } = this.tracks.get(trackId) ?? {};
    this.#events?.bitrateExceeded(this.transports.get(transportId)?.room ?? '', trackId);
  }

  /** The receiver of a consumer asks for too many key frames. */
  exceedKeyFrames(consumerId: string): void {
    const { transportId = '' } = this.consumers.get(consumerId) ?? {};
    const room = this.transports.get(transportId)?.room ?? '';
    this.#events?.keyFramesExceeded(room, transportId, consumerId);
  }

  /** The picture of a consumer waits for a wider link, or flows again. */
  wait(consumerId: string, waits: boolean): void {
    const { transportId = '' } = this.consumers.get(consumerId) ?? {};
    this.#events?.pictureWaits(this.transports.get(transportId)?.room ?? '', transportId, consumerId, waits);
  }

  /** The picture of a consumer is frozen. */
  freeze(consumerId: string): void {
    const { transportId = '' } = this.consumers.get(consumerId) ?? {};
    this.#events?.pictureFrozen(this.transports.get(transportId)?.room ?? '', transportId, consumerId);
  }

  /** The peer of a transport fell silent. */
  loseTransport(transportId: string): void {
    this.#events?.transportLost(this.transports.get(transportId)?.room ?? '', transportId);
  }

  async openTransport({
    place,
    room,
    transportId,
    direction,
  }: Parameters<MediaPlane['openTransport']>[0]): Promise<TransportOffer> {
    await this.#turn(`openTransport ${transportId}`);
    if (!this.#available || place.placeId !== this.#place.placeId) throw new ServiceError('mediaUnavailable');
    this.transports.set(transportId, { place, room });
    return {
      transportId,
      direction,
      iceParameters: { usernameFragment: transportId, password: 'fake-password', iceLite: true },
      iceCandidates: [],
      dtlsParameters: { role: 'auto', fingerprints: [fingerprint] },
    };
  }

  async connectTransport(transportId: string, _dtls: DtlsParameters): Promise<void> {
    await this.#turn(`connectTransport ${transportId}`);
    this.#need(this.transports, transportId);
  }

  async restartIce(transportId: string): Promise<IceParameters> {
    await this.#turn(`restartIce ${transportId}`);
    this.#need(this.transports, transportId);
    return { usernameFragment: `${transportId}-again`, password: 'fake-password', iceLite: true };
  }

  async openTrack(track: OpenTrack): Promise<void> {
    await this.#turn(`openTrack ${track.trackId}`);
    this.#need(this.transports, track.transportId);
    this.tracks.set(track.trackId, { ...track, paused: true });
  }

  async setTrackPaused(trackId: string, paused: boolean): Promise<void> {
    this.calls.push(`setTrackPaused ${trackId} ${paused}`);
    this.#need(this.tracks, trackId).paused = paused;
  }

  async openConsumer(consumer: OpenConsumer): Promise<ConsumerOffer> {
    await this.#turn(`openConsumer ${consumer.consumerId}`);
    this.#need(this.transports, consumer.transportId);
    const { kind, rtpParameters } = this.#need(this.tracks, consumer.trackId);
    this.consumers.set(consumer.consumerId, { ...consumer, paused: true });
    const { consumerId, transportId, trackId } = consumer;
    return { consumerId, transportId, trackId, kind, rtpParameters };
  }

  async resumeConsumer(consumerId: string): Promise<void> {
    this.calls.push(`resumeConsumer ${consumerId}`);
    this.#need(this.consumers, consumerId).paused = false;
  }

  async setSpatialLayer(consumerId: string, spatialLayer: number): Promise<void> {
    this.calls.push(`setSpatialLayer ${consumerId} ${spatialLayer}`);
    this.#need(this.consumers, consumerId).spatialLayer = spatialLayer;
  }

  closeConsumer(consumerId: string): void {
    this.calls.push(`closeConsumer ${consumerId}`);
    this.consumers.delete(consumerId);
  }

  closeTrack(trackId: string): void {
    this.calls.push(`closeTrack ${trackId}`);
    this.tracks.delete(trackId);
    for (const [id, consumer] of this.consumers) if (consumer.trackId === trackId) this.consumers.delete(id);
  }

  closeTransport(transportId: string): void {
    this.calls.push(`closeTransport ${transportId}`);
    this.transports.delete(transportId);
    for (const [id, track] of this.tracks) if (track.transportId === transportId) this.closeTrack(id);
    for (const [id, consumer] of this.consumers)
      if (consumer.transportId === transportId) this.consumers.delete(id);
  }

  async confirmClosed(place: MediaPlace): Promise<void> {
    await this.#turn(`confirmClosed ${place.placeId}`);
  }

  closeRoom(room: string): void {
    this.calls.push(`closeRoom ${room}`);
    for (const [id, transport] of this.transports) if (transport.room === room) this.closeTransport(id);
  }

  async #turn(call: string): Promise<void> {
    this.calls.push(call);
    const held = this.#held;
    if (held) await new Promise<void>((go) => held.push(go));
  }

  #need<T>(things: ReadonlyMap<string, T>, id: string): T {
    const thing = things.get(id);
    if (thing === undefined) throw new ServiceError('mediaUnavailable', `The fake media plane has no ${id}.`);
    return thing;
  }
}

/** Lets everything that waits for nothing but earlier promises run. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
