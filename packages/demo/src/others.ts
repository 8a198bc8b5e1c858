import { TRTC } from '@roomkey/sdk';
import { isOutdated } from './model/advice.ts';
import type { Stream } from './model/person.ts';
import { type Refusal, refusalFrom } from './model/refusal.ts';
import type { SessionPage } from './session-page.ts';
import { SoundMeter } from './sound-meter.ts';

type Trtc = ReturnType<typeof TRTC.create>;

/** Causes that only say that the picture went while it was being asked for. */
const gone = ['aborted', 'userNotInRoom', 'streamNotAvailable', 'memberUnknown', 'notEntered', 'notInRoom'];

/** The others in the room: asks for every picture that is on offer, and shows who is heard. */
export class Others {
  readonly #trtc: Trtc;
  readonly #page: SessionPage;
  readonly #meter: SoundMeter;
  readonly #blocked = new Set<() => Promise<void>>();
  readonly #refused = new Map<string, { userId: string; stream: Stream; refusal: Refusal }>();

  constructor(trtc: Trtc, page: SessionPage) {
    this.#trtc = trtc;
    this.#page = page;
    this.#meter = new SoundMeter((userId, level) => page.level(userId, level));
    const { EVENT } = TRTC;
    trtc.on(EVENT.REMOTE_USER_ENTER, ({ userId }) => page.tell({ type: 'personEntered', userId }));
    trtc.on(EVENT.REMOTE_USER_EXIT, ({ userId }) => {
      this.#meter.forget(userId);
      page.tell({ type: 'personLeft', userId });
    });
    trtc.on(EVENT.REMOTE_AUDIO_AVAILABLE, ({ userId }) =>
      page.tell({ type: 'sound', userId, audible: true }),
    );
    trtc.on(EVENT.REMOTE_AUDIO_UNAVAILABLE, ({ userId }) =>
      page.tell({ type: 'sound', userId, audible: false }),
    );
    trtc.on(EVENT.REMOTE_VIDEO_AVAILABLE, ({ userId, streamType }) => void this.#watch(userId, streamType));
    trtc.on(EVENT.REMOTE_VIDEO_UNAVAILABLE, ({ userId, streamType: stream }) => {
      this.#refused.delete(`${stream}:${userId}`);
      page.tell({ type: 'picture', userId, stream, watching: { at: 'none' } });
    });
    trtc.on(EVENT.PERMISSION_CHANGED, () => this.#watchAgain());
    trtc.on(EVENT.TRACK, ({ userId, streamType, track }) => {
      if (track.kind === 'audio' && streamType === 'main') this.#meter.watch(userId, track);
    });
    trtc.on(EVENT.AUTOPLAY_FAILED, ({ resume }) => {
      this.#blocked.add(resume);
      page.tell({ type: 'silenced', silenced: true });
    });
    trtc.on(EVENT.AUDIO_PLAY_STATE_CHANGED, ({ state }) => {
      if (state === 'PLAYING') page.tell({ type: 'silenced', silenced: false });
    });
  }

  /** Plays what the browser held back; to be called in a click. */
  hear(): void {
    this.#page.tell({ type: 'silenced', silenced: false });
    for (const resume of this.#blocked) {
      this.#blocked.delete(resume);
      resume().catch(() => {
        this.#blocked.add(resume);
        this.#page.tell({ type: 'silenced', silenced: true });
      });
    }
  }

  close(): void {
    this.#meter.close();
  }

  async #watch(userId: string, stream: Stream): Promise<void> {
    this.#page.tell({ type: 'picture', userId, stream, watching: { at: 'available' } });
    try {
      await this.#trtc.startRemoteVideo({
        userId,
        streamType: stream,
        view: this.#page.placeOf(userId, stream),
      });
    } catch (error) {
      const refusal = refusalFrom(error);
      if (gone.includes(refusal.cause)) return;
      this.#refused.set(`${stream}:${userId}`, { userId, stream, refusal });
      this.#page.tell({ type: 'picture', userId, stream, watching: { at: 'refused', refusal } });
    }
  }

  /** Asks for what was refused for want of a permission that is in force now. */
  #watchAgain(): void {
    const { permissions } = this.#trtc;
    for (const [key, { userId, stream, refusal }] of this.#refused) {
      if (!permissions || !isOutdated(refusal, permissions)) continue;
      this.#refused.delete(key);
      void this.#watch(userId, stream);
    }
  }
}
