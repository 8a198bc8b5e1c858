import type { PlayReason, PlayState } from '../events/events.ts';
import type { DeviceLoader } from './device-loader.ts';

/** The part of a WebSocket that is used. */
export interface Socket {
  send(text: string): void;
  /** `code` says more than that the client is done. */
  close(code?: number): void;
}

/** What a socket tells; never before the call that opened it has returned. */
export interface SocketEvents {
  /** The server has accepted the connection. */
  onOpen(): void;
  onMessage(data: unknown): void;
  onClose(): void;
}

/** Time, as far as the SDK needs it. */
export interface Timers {
  /** Milliseconds of a clock that never goes back. */
  now(): number;
  /** The wall clock. */
  unixSeconds(): number;
  /** Runs `job` once after `ms` milliseconds, unless the returned function is called before. */
  after(ms: number, job: () => void): () => void;
}

/** What a player tells about itself. */
export interface PlayerHooks {
  onState(state: PlayState, reason: PlayReason): void;
  /** The browser refused to play without a gesture; `resume` tries again. */
  onBlocked(resume: () => Promise<void>): void;
  /** The first decoded picture of a track. */
  onFirstFrame(width: number, height: number): void;
}

/** Plays one track at a time. */
interface Player {
  play(track: MediaStreamTrack | null): void;
  close(): void;
}

/** 0 is silent, 1 is unchanged. */
export interface AudioPlayer extends Player {
  setVolume(volume: number): void;
}

/** How a picture fills its place. */
export interface VideoStyle {
  readonly fillMode: 'contain' | 'cover' | 'fill';
  readonly mirror: boolean;
}

export interface VideoPlayer extends Player {
  /** The elements that shall show the picture. */
  setViews(views: readonly HTMLElement[]): void;
  setStyle(style: VideoStyle): void;
}

/** Everything outside of this package that the SDK touches; tests bring their own. */
export interface Platform {
  readonly timers: Timers;
  readonly devices: DeviceLoader;
  /** Undefined where the browser has none: an old one, or a page that is neither HTTPS nor localhost. */
  readonly mediaDevices: MediaDevices | undefined;
  /** Undefined outside of a page. */
  readonly document: Document | undefined;
  /** `ws:` or `wss:` URL in. */
  openSocket(url: string, events: SocketEvents): Socket;
  /** Tells when this computer has come into another network, where the browser knows that. The returned function ends it. */
  onNetworkChange(listener: () => void): () => void;
  audioPlayer(hooks: PlayerHooks): AudioPlayer;
  videoPlayer(hooks: PlayerHooks): VideoPlayer;
}
