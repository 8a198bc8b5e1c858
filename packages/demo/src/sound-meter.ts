/** Milliseconds between two readings. */
const READING_MS = 100;

interface Source {
  readonly track: MediaStreamTrack;
  readonly node: MediaStreamAudioSourceNode;
  readonly analyser: AnalyserNode;
}

/** Listens to tracks and tells how loud they are, so that one sees who speaks. */
export class SoundMeter {
  readonly #onLevel: (userId: string, level: number) => void;
  readonly #sources = new Map<string, Source>();
  readonly #samples = new Float32Array(512);
  #context: AudioContext | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;

  /** `onLevel` gets a number from 0 (silent) to 1 (loud) for each user, ten times a second. */
  constructor(onLevel: (userId: string, level: number) => void) {
    this.#onLevel = onLevel;
  }

  /** Listens to this track of a user from now on, in the place of an earlier one. */
  watch(userId: string, track: MediaStreamTrack): void {
    this.forget(userId);
    this.#context ??= new AudioContext();
    const node = this.#context.createMediaStreamSource(new MediaStream([track]));
    const analyser = this.#context.createAnalyser();
    analyser.fftSize = this.#samples.length;
    node.connect(analyser);
    this.#sources.set(userId, { track, node, analyser });
    this.#timer ??= setInterval(() => this.#read(), READING_MS);
  }

  forget(userId: string): void {
    const source = this.#sources.get(userId);
    if (!source) return;
    source.node.disconnect();
    this.#sources.delete(userId);
    this.#onLevel(userId, 0);
  }

  close(): void {
    for (const userId of [...this.#sources.keys()]) this.forget(userId);
    clearInterval(this.#timer);
    this.#timer = undefined;
    void this.#context?.close();
    this.#context = undefined;
  }

  #read(): void {
    // A context that was made before any gesture waits for one; asking earlier fills the console with warnings.
    if (this.#context?.state === 'suspended' && navigator.userActivation.hasBeenActive) {
      void this.#context.resume();
    }
    for (const [userId, { track, analyser }] of this.#sources) {
      if (track.readyState === 'ended') this.forget(userId);
      else this.#onLevel(userId, this.#level(analyser));
    }
  }

  #level(analyser: AnalyserNode): number {
    analyser.getFloatTimeDomainData(this.#samples);
    const power = this.#samples.reduce((sum, sample) => sum + sample * sample, 0) / this.#samples.length;
    // From −50 dB (a quiet room) to −10 dB (shouting).
    const decibels = 10 * Math.log10(power + 1e-10);
    return Math.min(1, Math.max(0, (decibels + 50) / 40));
  }
}
