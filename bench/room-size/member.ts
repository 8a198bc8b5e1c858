import type { Slot } from '@roomkey/tickets/permissions';
import { absentPeer, publishedTracks } from '../entry/plan.ts';
import type { SignedEntry } from '../signed-entry.ts';
import { Wire } from '../wire.ts';
import { screen } from './screen.ts';

/** As what a member enters. */
export interface Part {
  readonly role: 'anchor' | 'audience';
  /** It publishes a microphone and a camera. */
  readonly sends: boolean;
  /** It receives everything. */
  readonly receives: boolean;
}

/** What was told to members, summed up. */
export interface Tally {
  /** Consumers that are open and ready. */
  consumers: number;
  /** Notices of tracks that were muted or unmuted. */
  mutes: number;
  /** Members whose connection has ended. */
  out: number;
  /** Notices of media that was lost. */
  lost: number;
}

export const noTally = (): Tally => ({ consumers: 0, mutes: 0, out: 0, lost: 0 });

/** One member: a WebSocket with transports, tracks and consumers of the engine, but no media. */
export class Member {
  readonly userId: string;
  readonly sends: boolean;
  readonly receives: boolean;
  /** The permission byte, as far as it was told that it changed. */
  effective: number | undefined;
  #out = false;
  readonly #wire: Wire;
  readonly #tally: Tally;
  readonly #own = new Map<Slot, string>();
  readonly #consumers = new Map<string, { ready: boolean }>();
  #sending = '';

  private constructor(userId: string, { sends, receives }: Part, wire: Wire, tally: Tally) {
    this.userId = userId;
    this.sends = sends;
    this.receives = receives;
    this.#wire = wire;
    this.#tally = tally;
    wire.onClose = () => {
      this.#out = true;
      tally.out++;
    };
    wire.on('trackMuted', () => tally.mutes++);
    wire.on('mediaLost', () => tally.lost++);
    wire.on('permissionChanged', ({ after }) => {
      this.effective = after;
    });
    wire.on('trackClosed', ({ slot }) => this.#own.delete(slot));
    wire.on('consumerOpened', ({ consumerId }) => void this.#opened(consumerId));
    wire.on('consumerClosed', ({ consumerId }) => this.#closed(consumerId));
  }

  /** Enters and opens its transports, and publishes what it does; its consumers come by themselves. */
  static async enter(url: string, entry: SignedEntry, part: Part, tally: Tally): Promise<Member> {
    const { wire, welcome } = await Wire.connect(url);
    const member = new Member(entry.userId, part, wire, tally);
    const { role, sends, receives } = part;
    await wire.request('enter', {
      ...entry,
      scene: 'live',
      role,
      autoReceive: { audio: receives, video: receives },
      ...(receives && { rtpCapabilities: welcome.rtpCapabilities }),
    });
    if (sends) member.#sending = await member.#open('send');
    for (const { slot } of sends ? publishedTracks : []) await member.publish(slot);
    if (receives) await member.#open('recv');
    return member;
  }

  publishes(slot: Slot): boolean {
    return this.#own.has(slot);
  }

  /** How many tracks it publishes in these slots. */
  tracks(slots: readonly Slot[]): number {
    return slots.reduce((sum, slot) => sum + (this.#own.has(slot) ? 1 : 0), 0);
  }

  async publish(slot: Slot): Promise<void> {
    const stream = [...publishedTracks, screen].find((one) => one.slot === slot);
    if (!stream) throw new Error(`nobody has a stream for ${slot}`);
    const { rtpParameters } = stream;
    const { trackId } = await this.#wire.request('publish', {
      transportId: this.#sending,
      slot,
      rtpParameters,
    });
    this.#own.set(slot, trackId);
  }

  async unpublish(slot: Slot): Promise<void> {
    await this.#wire.request('unpublish', { trackId: this.#track(slot) });
    this.#own.delete(slot);
  }

  async setMuted(slot: Slot, muted: boolean): Promise<void> {
    await this.#wire.request('setMuted', { trackId: this.#track(slot), muted });
  }

  leave(): void {
    this.#wire.close();
  }

  #track(slot: Slot): string {
    const trackId = this.#own.get(slot);
    if (trackId === undefined) throw new Error(`${this.userId} publishes no ${slot}`);
    return trackId;
  }

  async #open(direction: 'send' | 'recv'): Promise<string> {
    const { transportId } = await this.#wire.request('openTransport', { direction });
    await this.#wire.request('connectTransport', { transportId, dtlsParameters: absentPeer });
    return transportId;
  }

  async #opened(consumerId: string): Promise<void> {
    const consumer = { ready: false };
    this.#consumers.set(consumerId, consumer);
    try {
      await this.#wire.request('consumerReady', { consumerId });
    } catch (error) {
      // It was closed meanwhile, or the member is out: nothing to do.
      if (this.#out || !this.#consumers.has(consumerId)) return;
      throw error;
    }
    if (!this.#consumers.has(consumerId)) return;
    consumer.ready = true;
    this.#tally.consumers++;
  }

  #closed(consumerId: string): void {
    if (this.#consumers.get(consumerId)?.ready) this.#tally.consumers--;
    this.#consumers.delete(consumerId);
  }
}
