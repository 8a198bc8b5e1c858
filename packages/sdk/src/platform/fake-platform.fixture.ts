import { generateLocalDtlsParameters, generateNativeRtpCapabilities } from 'mediasoup-client/fakeParameters';
import { FakeHandler } from 'mediasoup-client/handlers/FakeHandler';
import { vi } from 'vitest';
import type { CreateOptions, EnterRoomOptions } from '../calls/options.ts';
import { ScriptedServer } from '../signal/scripted-server.fixture.ts';
import { TRTC } from '../trtc.ts';
import { DeviceLoader } from './device-loader.ts';
import type { AudioPlayer, Platform, PlayerHooks, Timers, VideoPlayer, VideoStyle } from './platform.ts';

/** Time that passes when the test says so. */
export class FakeTimers implements Timers {
  #now = 0;
  #jobs: { readonly at: number; readonly job: () => void }[] = [];

  unixSeconds(): number {
    return 1_700_000_000 + this.#now / 1000;
  }

  now(): number {
    return this.#now;
  }

  after(ms: number, job: () => void): () => void {
    const entry = { at: this.#now + ms, job };
    this.#jobs.push(entry);
    return () => {
      this.#jobs = this.#jobs.filter((other) => other !== entry);
    };
  }

  /** Timers that wait. */
  get waiting(): number {
    return this.#jobs.length;
  }

  advance(ms: number): void {
    this.#now += ms;
    const due = this.#jobs.filter(({ at }) => at <= this.#now);
    this.#jobs = this.#jobs.filter(({ at }) => at > this.#now);
    for (const { job } of due) job();
  }
}

/** A MediaStreamTrack without media. */
export class FakeTrack extends EventTarget {
  readonly kind: 'audio' | 'video';
  readonly id: string = Math.random().toString(36);
  readonly settings: MediaTrackSettings;
  enabled = true;
  muted = false;
  contentHint = '';
  readyState: 'live' | 'ended' = 'live';

  constructor(kind: 'audio' | 'video', settings: MediaTrackSettings = {}) {
    super();
    this.kind = kind;
    this.settings = settings;
  }

  getSettings(): MediaTrackSettings {
    return this.settings;
  }

  applyConstraints = vi.fn(async (): Promise<void> => {});

  stop(): void {
    this.readyState = 'ended';
  }

  /** The device is pulled out, or the user ends the sharing in the browser. */
  end(): void {
    this.stop();
    this.dispatchEvent(new Event('ended'));
  }

  /** This, where the DOM's type is asked for. */
  get asTrack(): MediaStreamTrack {
    return this as unknown as MediaStreamTrack;
  }
}

/** Cameras, microphones and screens, and every track they gave. */
export class FakeMediaDevices {
  readonly captured: FakeTrack[] = [];
  readonly constraints: unknown[] = [];
  /** What the next capture fails with. */
  failure: Error | undefined;
  /** Captures wait for this. */
  permission: Promise<void> = Promise.resolve();
  screenSound = true;
  devices: Pick<MediaDeviceInfo, 'kind' | 'label' | 'deviceId'>[] = [];

  async enumerateDevices() {
    return this.devices;
  }

  async getUserMedia(constraints: MediaStreamConstraints) {
    const kind = constraints.video ? 'video' : 'audio';
    return this.#capture(constraints, [kind]);
  }

  async getDisplayMedia(options: DisplayMediaStreamOptions) {
    return this.#capture(options, options.audio && this.screenSound ? ['video', 'audio'] : ['video']);
  }

  async #capture(constraints: unknown, kinds: ('audio' | 'video')[]) {
    this.constraints.push(constraints);
    await this.permission;
    const { failure } = this;
    this.failure = undefined;
    if (failure) throw failure;
    const tracks = kinds.map(
      (kind) => new FakeTrack(kind, kind === 'video' ? { width: 640, height: 480 } : {}),
    );
    this.captured.push(...tracks);
    return {
      getTracks: () => tracks,
      getVideoTracks: () => tracks.filter(({ kind }) => kind === 'video'),
      getAudioTracks: () => tracks.filter(({ kind }) => kind === 'audio'),
    };
  }
}

/** A player that only remembers. */
class FakePlayer implements AudioPlayer, VideoPlayer {
  readonly hooks: PlayerHooks;
  track: MediaStreamTrack | null = null;
  views: readonly HTMLElement[] = [];
  style: VideoStyle | undefined;
  volume = 1;
  closed = false;

  constructor(hooks: PlayerHooks) {
    this.hooks = hooks;
  }

  play(track: MediaStreamTrack | null): void {
    this.track = track;
  }

  setVolume(volume: number): void {
    this.volume = volume;
  }

  setViews(views: readonly HTMLElement[]): void {
    this.views = views;
  }

  setStyle(style: VideoStyle): void {
    this.style = style;
  }

  close(): void {
    this.track = null;
    this.views = [];
    this.closed = true;
  }
}

/** A world without a browser. */
class FakePlatform implements Platform {
  readonly server = new ScriptedServer();
  readonly timers = new FakeTimers();
  readonly fakeDevices = new FakeMediaDevices();
  readonly mediaDevices = this.fakeDevices as unknown as MediaDevices;
  readonly handlers: FakeHandler[] = [];
  readonly audioPlayers: FakePlayer[] = [];
  readonly videoPlayers: FakePlayer[] = [];
  readonly elements = new Map<string, HTMLElement>();
  readonly document = {
    getElementById: (id: string) => this.elements.get(id) ?? null,
    addEventListener: () => {},
    removeEventListener: () => {},
  } as unknown as Document;
  readonly openSocket = this.server.openSocket;
  readonly networkListeners = new Set<() => void>();
  readonly devices = new DeviceLoader(() => {
    const factory = FakeHandler.createFactory({ generateNativeRtpCapabilities, generateLocalDtlsParameters });
    return {
      ...factory,
      factory: (options) => {
        const handler = factory.factory(options);
        this.handlers.push(handler as unknown as FakeHandler);
        return handler;
      },
    };
  });

  onNetworkChange(listener: () => void): () => void {
    this.networkListeners.add(listener);
    return () => this.networkListeners.delete(listener);
  }

  audioPlayer(hooks: PlayerHooks): FakePlayer {
    const player = new FakePlayer(hooks);
    this.audioPlayers.push(player);
    return player;
  }

  videoPlayer(hooks: PlayerHooks): FakePlayer {
    const player = new FakePlayer(hooks);
    this.videoPlayers.push(player);
    return player;
  }

  /** An element of the page. */
  element(id: string): HTMLElement {
    const element = { id, nodeType: 1 } as unknown as HTMLElement;
    this.elements.set(id, element);
    return element;
  }
}

/** A client with its world and everything it raised. */
export function fakeClient(options: CreateOptions = {}) {
  const platform = new FakePlatform();
  const trtc = new TRTC(
    {
      url: 'https://rooms.test',
      enableAutoPlayDialog: false,
      reconnectPolicy: { delayBefore: () => 10 },
      ...options,
    },
    platform,
  );
  const raised: { readonly event: string; readonly payload: unknown }[] = [];
  trtc.on('*', (event, payload) => raised.push({ event, payload }));
  /** The payloads of one event, in order. */
  const heard = (event: string): unknown[] =>
    raised.filter((each) => each.event === event).map(({ payload }) => payload);
  return { trtc, platform, server: platform.server, raised, heard };
}

/** Options of an entry that the scripted server accepts. */
export const entry: EnterRoomOptions = { sdkAppId: 1, userId: 'ana', userSig: 'sig', roomId: 7 };

/** A client inside of a room. */
export async function clientInside(options: Partial<EnterRoomOptions> = {}, created: CreateOptions = {}) {
  const client = fakeClient(created);
  await client.trtc.enterRoom({ ...entry, ...options });
  await settled();
  return client;
}

/** Everything that does not wait for time or for the outside has happened. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
