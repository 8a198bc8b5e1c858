import type { Emit, Slot } from '../events/events.ts';
import type { AudioPlayer, Platform } from '../platform/platform.ts';
import type { Request } from '../signal/client.ts';
import { AudioSubscriptions } from './audio-subscriptions.ts';
import type { AutoplayGuard } from './autoplay-guard.ts';
import { audioSlots, type RemoteUser } from './user.ts';

/** The sound of the others: who shall be heard, how loud, and the players of what arrives. */
export class RemoteSounds {
  readonly subscriptions = new AudioSubscriptions();
  readonly #platform: Platform;
  readonly #emit: Emit;
  readonly #autoplay: AutoplayGuard;
  readonly #players = new Map<string, AudioPlayer>();
  readonly #volumes = new Map<string, number>();
  #usualVolume = 1;
  #request: Request | undefined;
  /** What the server does where it was not told otherwise. */
  #serverDefault = true;
  /** What the server was told of single users. */
  readonly #told = new Map<string, boolean>();
  /** Users of whom the server was told something, or may have been. */
  readonly #mentioned = new Set<string>();
  /** Of these it is not known what the server has heard. */
  readonly #unsure = new Set<string>();

  constructor(platform: Platform, emit: Emit, autoplay: AutoplayGuard) {
    this.#platform = platform;
    this.#emit = emit;
    this.#autoplay = autoplay;
  }

  /** The room was entered; there the server sends sound without being asked or not. */
  connected(request: Request, serverDefault: boolean): void {
    this.#request = request;
    this.#serverDefault = serverDefault;
    this.#told.clear();
    this.#mentioned.clear();
    this.#unsure.clear();
  }

  /** The seat was taken up again: the server remembers what it heard, which may not be all that was said. */
  resumed(request: Request): void {
    this.#request = request;
    for (const userId of this.#mentioned) this.#unsure.add(userId);
  }

  disconnected(): void {
    this.#request = undefined;
  }

  /** Makes server and players agree with what the app wants of a user. @throws {ServiceError} the server's refusal */
  async apply(user: RemoteUser): Promise<void> {
    const { userId } = user;
    const wanted = this.subscriptions.of(userId);
    for (const slot of audioSlots) {
      const track = user.received(slot);
      if (track && wanted) this.play(userId, slot, track);
      else this.stop(userId, slot);
    }
    const request = this.#request;
    const isKnown = (this.#told.get(userId) ?? this.#serverDefault) === wanted;
    if (!request || (isKnown && !this.#unsure.has(userId))) return;
    this.#told.set(userId, wanted);
    this.#mentioned.add(userId);
    this.#unsure.delete(userId);
    const method = wanted ? 'subscribe' : 'unsubscribe';
    const [microphone, screenAudio] = audioSlots.map((slot) => request(method, { userId, slot }));
    // The screen's sound needs one more permission than the microphone: only the latter decides.
    screenAudio?.catch(() => {});
    try {
      await microphone;
    } catch (error) {
      this.#told.delete(userId);
      throw error;
    }
  }

  /** Plays a track, unless nobody wants to hear it. */
  play(userId: string, slot: Slot, track: MediaStreamTrack): void {
    if (!this.subscriptions.of(userId)) return;
    const key = `${userId}/${slot}`;
    const player = this.#players.get(key) ?? this.#newPlayer(userId);
    this.#players.set(key, player);
    player.play(track);
  }

  stop(userId: string, slot: Slot): void {
    const key = `${userId}/${slot}`;
    this.#players.get(key)?.close();
    this.#players.delete(key);
  }

  /** `*` stands for everybody. 0 is silent, 1 is unchanged. */
  setVolume(userId: string, volume: number): void {
    if (userId === '*') {
      this.#volumes.clear();
      this.#usualVolume = volume;
    } else this.#volumes.set(userId, volume);
    for (const [key, player] of this.#players) {
      if (userId === '*' || key.startsWith(`${userId}/`)) player.setVolume(volume);
    }
  }

  left(userId: string): void {
    this.#told.delete(userId);
    this.#mentioned.delete(userId);
    this.#unsure.delete(userId);
    for (const slot of audioSlots) this.stop(userId, slot);
  }

  #newPlayer(userId: string): AudioPlayer {
    const player = this.#platform.audioPlayer({
      onState: (state, reason) => this.#emit('audio-play-state-changed', { userId, state, reason }),
      onBlocked: (resume) => this.#autoplay.blocked({ userId, mediaType: 'audio', resume }),
      onFirstFrame: () => {},
    });
    player.setVolume(this.#volumes.get(userId) ?? this.#usualVolume);
    return player;
  }
}
