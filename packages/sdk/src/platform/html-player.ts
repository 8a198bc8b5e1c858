import type { PlayReason, PlayState } from '../events/events.ts';
import type { AudioPlayer, PlayerHooks, VideoPlayer, VideoStyle } from './platform.ts';

type MediaElement = HTMLAudioElement | HTMLVideoElement;

/** Plays one track in any number of media elements and tells what becomes of it. */
class TrackPlayer {
  readonly hooks: PlayerHooks;
  readonly #stream = new MediaStream();
  #track: MediaStreamTrack | undefined;
  #elements: readonly MediaElement[] = [];
  #state: PlayState = 'STOPPED';
  #firstFrame = false;

  constructor(hooks: PlayerHooks) {
    this.hooks = hooks;
  }

  /** Replaces the elements; those that stay go on playing. */
  setElements(elements: readonly MediaElement[]): void {
    for (const element of this.#elements) if (!elements.includes(element)) this.#release(element);
    const added = elements.filter((element) => !this.#elements.includes(element));
    this.#elements = elements;
    for (const element of added) {
      element.addEventListener('playing', this.#onPlaying);
      element.addEventListener('pause', this.#onPause);
      element.addEventListener('loadeddata', this.#onLoaded);
      element.srcObject = this.#stream;
      if (this.#track) this.#play(element);
    }
  }

  play(track: MediaStreamTrack | null): void {
    const before = this.#track;
    if (before === (track ?? undefined)) return;
    if (before) {
      before.removeEventListener('mute', this.#onMute);
      before.removeEventListener('unmute', this.#onUnmute);
      this.#stream.removeTrack(before);
    }
    this.#track = track ?? undefined;
    this.#firstFrame = false;
    if (!track) {
      this.#become('STOPPED', 'ended');
      return;
    }
    track.addEventListener('mute', this.#onMute);
    track.addEventListener('unmute', this.#onUnmute);
    this.#stream.addTrack(track);
    for (const element of this.#elements) this.#play(element);
  }

  close(): void {
    this.play(null);
    this.setElements([]);
  }

  #play(element: MediaElement): void {
    element.play().catch((error: unknown) => {
      // Other errors only say that something newer is being played or nothing any more.
      if (!(error instanceof DOMException) || error.name !== 'NotAllowedError') return;
      const plays = () => this.#track !== undefined && this.#elements.includes(element);
      // Without a track `play()` would wait for one for ever.
      if (plays()) this.hooks.onBlocked(async () => (plays() ? element.play() : undefined));
    });
  }

  #release(element: MediaElement): void {
    element.removeEventListener('playing', this.#onPlaying);
    element.removeEventListener('pause', this.#onPause);
    element.removeEventListener('loadeddata', this.#onLoaded);
    element.srcObject = null;
    element.remove();
  }

  readonly #onPlaying = (): void => {
    if (this.#track) this.#become('PLAYING', 'playing');
  };

  readonly #onPause = (): void => {
    if (this.#track) this.#become('PAUSED', 'pause');
  };

  readonly #onMute = (): void => this.#become('PAUSED', 'mute');

  readonly #onUnmute = (): void => {
    if (this.#elements.some((element) => !element.paused)) this.#become('PLAYING', 'unmute');
  };

  readonly #onLoaded = (event: Event): void => {
    const element = event.currentTarget;
    if (this.#firstFrame || !(element instanceof HTMLVideoElement)) return;
    this.#firstFrame = true;
    this.hooks.onFirstFrame(element.videoWidth, element.videoHeight);
  };

  #become(state: PlayState, reason: PlayReason): void {
    if (this.#state === state) return;
    this.#state = state;
    this.hooks.onState(state, reason);
  }
}

/** Plays sound; the element is not on the page. */
export class HtmlAudioPlayer implements AudioPlayer {
  readonly #element: HTMLAudioElement;
  readonly #player: TrackPlayer;

  constructor(document: Document, hooks: PlayerHooks) {
    this.#element = document.createElement('audio');
    this.#player = new TrackPlayer(hooks);
    this.#player.setElements([this.#element]);
  }

  setVolume(volume: number): void {
    this.#element.volume = Math.min(volume, 1);
  }

  play(track: MediaStreamTrack | null): void {
    this.#player.play(track);
  }

  close(): void {
    this.#player.close();
  }
}

/** Shows a picture, without sound, in one video element inside each view. */
export class HtmlVideoPlayer implements VideoPlayer {
  readonly #document: Document;
  readonly #player: TrackPlayer;
  readonly #elements = new Map<HTMLElement, HTMLVideoElement>();
  #style: VideoStyle = { fillMode: 'cover', mirror: false };

  constructor(document: Document, hooks: PlayerHooks) {
    this.#document = document;
    this.#player = new TrackPlayer(hooks);
  }

  setViews(views: readonly HTMLElement[]): void {
    for (const view of [...this.#elements.keys()]) if (!views.includes(view)) this.#elements.delete(view);
    for (const view of views) if (!this.#elements.has(view)) this.#elements.set(view, this.#newElement(view));
    this.#player.setElements([...this.#elements.values()]);
  }

  setStyle(style: VideoStyle): void {
    this.#style = style;
    for (const element of this.#elements.values()) this.#apply(element);
  }

  play(track: MediaStreamTrack | null): void {
    this.#player.play(track);
  }

  close(): void {
    this.#elements.clear();
    this.#player.close();
  }

  #newElement(view: HTMLElement): HTMLVideoElement {
    const element = this.#document.createElement('video');
    // Muted videos may play without a gesture; the sound has its own player.
    element.muted = true;
    element.playsInline = true;
    element.autoplay = true;
    this.#apply(element);
    view.append(element);
    return element;
  }

  #apply({ style }: HTMLVideoElement): void {
    style.width = '100%';
    style.height = '100%';
    style.objectFit = this.#style.fillMode;
    style.transform = this.#style.mirror ? 'scaleX(-1)' : '';
  }
}
