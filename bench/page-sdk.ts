/** What the pages of the bench use of the SDK's script-tag build. */
export interface Trtc {
  enterRoom(options: object): Promise<void>;
  startLocalAudio(options?: object): Promise<void>;
  startLocalVideo(options?: object): Promise<void>;
  startScreenShare(options: object): Promise<void>;
  startRemoteVideo(options: object): Promise<void>;
  stopRemoteVideo(options: object): Promise<void>;
  updateRemoteVideo(options: object): Promise<void>;
  updateLocalVideo(options: object): Promise<void>;
  updatePrivateMapKey(privateMapKey: string): Promise<void>;
  on<E extends keyof Events>(event: E, listener: (event: Events[E]) => void): void;
}

/** What is read of its events. */
interface Events {
  'remote-video-available': { userId: string; streamType: string };
  'remote-video-unavailable': { userId: string; streamType: string };
  'remote-user-exit': { userId: string; reason: number };
  track: { userId: string; streamType: string; track: MediaStreamTrack };
  'connection-state-changed': { state: string };
  'publish-state-changed': { slot: string; state: string; error?: Error };
  error: Error;
  'kicked-out': { reason: string };
}

declare global {
  interface Window {
    readonly TRTC: { create(options?: object): Trtc };
  }
}
