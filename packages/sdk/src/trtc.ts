import type { Result } from '@roomkey/protocol';
import {
  checkChangeAuthority,
  checkEnterRoom,
  checkLocalAudio,
  checkLocalVideo,
  checkMuteRemoteAudio,
  checkRemoteAudioVolume,
  checkRemoteVideo,
  checkScreenShare,
  checkStopRemoteVideo,
  checkSwitchRole,
} from './calls/checks.ts';
import { experimentalCall } from './calls/experimental.ts';
import type {
  ChangeAuthorityOptions,
  CreateOptions,
  EnterRoomOptions,
  LocalAudioOptions,
  LocalVideoOptions,
  RemoteVideoOptions,
  ScreenShareOptions,
  StopRemoteVideoOptions,
  SwitchRoleOptions,
  TrackChoice,
} from './calls/options.ts';
import { checkText } from './calls/parameter-check.ts';
import { CallQueue } from './calls/queue.ts';
import { TYPE } from './calls/type.ts';
import { listDevices } from './devices/list.ts';
import { RtcError } from './errors/rtc-error.ts';
import { ERROR_CODE } from './errors/table.ts';
import { Emitter } from './events/emitter.ts';
import { type Emit, EVENT, type EventName, type TrtcEvents } from './events/events.ts';
import { LocalAudio } from './local/audio.ts';
import { Publication } from './local/publication.ts';
import { LocalScreen } from './local/screen.ts';
import { LocalVideo } from './local/video.ts';
import { browserPlatform } from './platform/browser.ts';
import type { Platform } from './platform/platform.ts';
import { type SupportResult, support } from './platform/support.ts';
import { AutoplayGuard } from './remote/autoplay-guard.ts';
import { RemoteMedia } from './remote/media.ts';
import { entryOf } from './room/entry.ts';
import { DelayListPolicy } from './room/reconnect-policy.ts';
import { Room } from './room/room.ts';
import { signalingUrl } from './script-origin.ts';

/** What a member may do and why: the six operands, their result, and what clears each missing bit. */
export type Permissions = Result<'enter'>['explanation'];

/**
 * A call in a room: entering, sending, receiving. Every method that can fail rejects (or throws) an {@link RtcError}
 * whose `cause` names the reason; calls of one kind run one after the other.
 */
export class TRTC {
  static readonly EVENT = EVENT;
  static readonly ERROR_CODE = ERROR_CODE;
  static readonly TYPE = TYPE;

  readonly #emitter = new Emitter();
  readonly #autoplay: AutoplayGuard;
  readonly #showsDialog: boolean;
  readonly #remote: RemoteMedia;
  readonly #room: Room;
  readonly #audio: LocalAudio;
  readonly #video: LocalVideo;
  readonly #screen: LocalScreen;
  readonly #calls = {
    room: new CallQueue(),
    audio: new CallQueue(),
    video: new CallQueue(),
    screen: new CallQueue(),
  };
  #destroyed = false;

  /** Use {@link TRTC.create}. @internal */
  constructor(options: CreateOptions = {}, platform: Platform = browserPlatform()) {
    const emit: Emit = (event, ...payload) => this.#emitter.emit(event, ...payload);
    const { timers } = platform;
    const microphone = new Publication('microphone', timers, emit);
    const camera = new Publication('camera', timers, emit);
    const screen = new Publication('screen', timers, emit);
    const screenAudio = new Publication('screenAudio', timers, emit);
    const preview = (streamType: 'main' | 'sub') =>
      platform.videoPlayer({
        onState: (state, reason) =>
          emit('video-play-state-changed', { userId: '', streamType, state, reason }),
        onBlocked: (resume) => {
          const mediaType = streamType === 'sub' ? 'screen' : 'video';
          this.#autoplay.blocked({ userId: '', mediaType, resume });
        },
        onFirstFrame: (width, height) => emit('first-video-frame', { userId: '', streamType, width, height }),
      });
    this.#showsDialog = options.enableAutoPlayDialog ?? true;
    this.#autoplay = new AutoplayGuard(platform.document, emit);
    this.#remote = new RemoteMedia(platform, emit, this.#autoplay);
    this.#room = new Room({
      platform,
      url: signalingUrl(options.url),
      policy: options.reconnectPolicy ?? new DelayListPolicy(),
      emit,
      remote: this.#remote,
      publications: [microphone, camera, screen, screenAudio],
    });
    this.#audio = new LocalAudio(platform, emit, microphone);
    this.#video = new LocalVideo(platform, emit, camera, preview('main'));
    this.#screen = new LocalScreen(platform, emit, screen, screenAudio, preview('sub'));
    platform.devices.warm();
  }

  /**
   * A new client. Without `url` it talks to the origin that this script came from, else to the page's.
   *
   * @example
   * ```ts
   * const trtc = TRTC.create({ url: 'https://rooms.example.com' });
   * ```
   */
  static create(options: CreateOptions = {}): TRTC {
    return new TRTC(options);
  }

  /**
   * Whether this browser, on this page, can take part in a call, and what of it it can do.
   *
   * @example
   * ```ts
   * const { result, detail } = await TRTC.isSupported();
   * if (!result) console.log(detail);
   * ```
   */
  static async isSupported(): Promise<SupportResult> {
    return support(browserPlatform());
  }

  /**
   * The cameras. Asks for permission once where the browser would not tell their names otherwise.
   *
   * @example
   * ```ts
   * const [camera] = await TRTC.getCameraList();
   * await trtc.startLocalVideo({ option: { cameraId: camera?.deviceId } });
   * ```
   */
  static getCameraList(requestPermission = true): Promise<MediaDeviceInfo[]> {
    return listDevices(browserPlatform().mediaDevices, 'camera', requestPermission);
  }

  /**
   * The microphones, as {@link TRTC.getCameraList}.
   *
   * @example
   * ```ts
   * for (const { deviceId, label } of await TRTC.getMicrophoneList()) console.log(deviceId, label);
   * ```
   */
  static getMicrophoneList(requestPermission = true): Promise<MediaDeviceInfo[]> {
    return listDevices(browserPlatform().mediaDevices, 'microphone', requestPermission);
  }

  /**
   * The speakers, as {@link TRTC.getCameraList}; not every browser lists them.
   *
   * @example
   * ```ts
   * const names = (await TRTC.getSpeakerList()).map(({ label }) => label);
   * ```
   */
  static getSpeakerList(requestPermission = true): Promise<MediaDeviceInfo[]> {
    return listDevices(browserPlatform().mediaDevices, 'speaker', requestPermission);
  }

  /** What the member may do and why, as the server said last; null outside of a room. */
  get permissions(): Permissions | null {
    return this.#room.permissions.explanation ?? null;
  }

  /**
   * Enters a room; what is captured already is published there. A connection that is lost later comes back by itself.
   *
   * @example
   * ```ts
   * await trtc.enterRoom({ sdkAppId: 1400000001, userId: 'ana', userSig, privateMapKey, roomId: 123 });
   * ```
   */
  enterRoom(options: EnterRoomOptions): Promise<void> {
    return this.#call('enterRoom', async () => {
      checkEnterRoom(options);
      await this.#calls.room.run((signal) => {
        this.#autoplay.showsDialog = options.enableAutoPlayDialog ?? this.#showsDialog;
        this.#remote.sounds.subscriptions.enter(options.autoReceiveAudio ?? true);
        return this.#room.enter(entryOf(options), signal);
      });
    });
  }

  /**
   * Leaves the room; makes an `enterRoom` that is under way fail with 5998. Capture and preview go on.
   *
   * @example
   * ```ts
   * await trtc.exitRoom();
   * ```
   */
  exitRoom(): Promise<void> {
    return this.#call('exitRoom', async () => {
      this.#calls.room.abort('exitRoom was called');
      await this.#calls.room.runToEnd(() => this.#room.exit());
    });
  }

  /**
   * In scene `live`: becomes an anchor, who may send, or an audience member, who may not and is not seen by others.
   * Local tracks stop being published before the role goes, captures go on, and are published when it comes back.
   *
   * Becoming an anchor checks the PrivateMapKey again; to the current role it does that, or takes the new key, all the
   * same. The new key is kept when the server took it. A key in use that has expired costs the place in the room where
   * the application says so.
   *
   * @example
   * ```ts
   * await trtc.switchRole('anchor', { privateMapKey: await newKeyFromYourServer() });
   * ```
   */
  switchRole(role: 'anchor' | 'audience', options: SwitchRoleOptions = {}): Promise<void> {
    return this.#call('switchRole', async () => {
      checkSwitchRole(role, options);
      const { permissions } = this.#room;
      await this.#calls.room.run((signal) => permissions.switchRole(role, options.privateMapKey, signal));
    });
  }

  /**
   * Puts a new PrivateMapKey in the place of the one in use; with a bad one nothing changes. Bits can go by it.
   *
   * @example
   * ```ts
   * await trtc.updatePrivateMapKey(await newKeyFromYourServer());
   * ```
   */
  updatePrivateMapKey(privateMapKey: string): Promise<void> {
    return this.#call('updatePrivateMapKey', () => this.#updatePrivateMapKey(privateMapKey));
  }

  /**
   * Gives a fresh UserSig for this user. The SDK enters with it when the room has to be entered again, as after a restart of the
   * server; nobody inside is asked for one otherwise. One for another user or application is refused, and the old one kept.
   *
   * @throws {RtcError} 5100 outside of a room
   *
   * @example
   * ```ts
   * trtc.on(TRTC.EVENT.USER_SIG_WILL_EXPIRE, async () => trtc.updateUserSig(await newUserSigFromYourServer()));
   * ```
   */
  updateUserSig(userSig: string): Promise<void> {
    return this.#call('updateUserSig', async () => {
      checkText(userSig, 'userSig');
      await this.#room.permissions.updateUserSig(userSig);
    });
  }

  /**
   * Replaces the permission bits that are asked for of what the key allows: 0 to 255, or −1 (also as all ones in 64
   * bits) for all it allows. In scene `live` the role follows: anchor when a send bit is asked for, else audience.
   * Settles when permissions, role and the media at the server are as asked.
   *
   * @example
   * ```ts
   * await trtc.changeAuthority(42); // enterRoom, recvAudio, recvVideo
   * ```
   */
  changeAuthority(bits: number | bigint, options: ChangeAuthorityOptions = {}): Promise<void> {
    return this.#call('changeAuthority', async () => {
      checkChangeAuthority(bits, options);
      const { permissions } = this.#room;
      await this.#calls.room.run((signal) =>
        permissions.changeAuthority(bits, options.privateMapKey, signal),
      );
    });
  }

  /**
   * The vendor's door for `updatePrivateMapKey`: `('updatePrivateMapKey', { privateMapKey })`, or as its native SDKs take
   * it, one JSON text: `'{"api":"updatePrivateMapKey","params":{"privateMapKey":"…"}}'`. There is no other name.
   *
   * @example
   * ```ts
   * await trtc.callExperimentalAPI('updatePrivateMapKey', { privateMapKey });
   * ```
   */
  callExperimentalAPI(name: string, options?: unknown): Promise<void> {
    return this.#call('callExperimentalAPI', () => {
      const { privateMapKey } = experimentalCall(name, options);
      return this.#updatePrivateMapKey(privateMapKey);
    });
  }

  /**
   * Ends everything this object holds. It cannot be used afterwards. @throws {RtcError} 5500 inside of a room
   *
   * @example
   * ```ts
   * await trtc.exitRoom();
   * trtc.destroy();
   * ```
   */
  destroy(): void {
    if (this.#destroyed) return;
    if (this.#room.state.at !== 'out') {
      throw new RtcError('notExited', 'Call exitRoom before destroy.', { functionName: 'destroy' });
    }
    this.#destroyed = true;
    for (const calls of Object.values(this.#calls)) calls.abort('the client was destroyed');
    for (const local of [this.#audio, this.#video, this.#screen]) local.stop().catch(() => {});
    this.#autoplay.clear();
    this.#emitter.off('*');
  }

  /**
   * Opens the microphone and publishes it, now or as soon as a room is entered.
   *
   * @example
   * ```ts
   * await trtc.startLocalAudio({ option: { profile: 'high' } });
   * ```
   */
  startLocalAudio(options: LocalAudioOptions = {}): Promise<void> {
    return this.#call('startLocalAudio', () => {
      checkLocalAudio(options);
      return this.#calls.audio.run((signal) => this.#audio.start(options, signal));
    });
  }

  /**
   * Changes what the options name; what is refused changes nothing, but a mute acts in any case.
   *
   * @example
   * ```ts
   * await trtc.updateLocalAudio({ mute: true });
   * ```
   */
  updateLocalAudio(options: LocalAudioOptions): Promise<void> {
    return this.#call('updateLocalAudio', async () => {
      checkLocalAudio(options);
      const call = this.#calls.audio.run((signal) => this.#audio.update(options, signal));
      const { told } = await (options.mute ? this.#audio.mutedDuring(call) : call);
      await told;
    });
  }

  /**
   * Closes the microphone; a start that is under way fails with 5998. Does nothing when it is not open.
   *
   * @example
   * ```ts
   * await trtc.stopLocalAudio();
   * ```
   */
  stopLocalAudio(): Promise<void> {
    return this.#call('stopLocalAudio', () => {
      this.#calls.audio.abort('stopLocalAudio was called');
      return this.#audio.mutedDuring(this.#calls.audio.runToEnd(() => this.#audio.stop()));
    });
  }

  /**
   * Opens the camera, shows it and publishes it, now or as soon as a room is entered.
   *
   * @example
   * ```ts
   * await trtc.startLocalVideo({ view: 'my-video', option: { profile: '720p' } });
   * ```
   */
  startLocalVideo(options: LocalVideoOptions = {}): Promise<void> {
    return this.#call('startLocalVideo', () => {
      checkLocalVideo(options);
      return this.#calls.video.run((signal) => this.#video.start(options, signal));
    });
  }

  /**
   * Changes what the options name; what is refused changes nothing, but a mute acts in any case.
   *
   * @example
   * ```ts
   * await trtc.updateLocalVideo({ option: { cameraId } });
   * ```
   */
  updateLocalVideo(options: LocalVideoOptions): Promise<void> {
    return this.#call('updateLocalVideo', async () => {
      checkLocalVideo(options);
      const call = this.#calls.video.run((signal) => this.#video.update(options, signal));
      const { told } = await (options.mute ? this.#video.mutedDuring(call) : call);
      await told;
    });
  }

  /**
   * Closes the camera; a start that is under way fails with 5998. Does nothing when it is not open.
   *
   * @example
   * ```ts
   * await trtc.stopLocalVideo();
   * ```
   */
  stopLocalVideo(): Promise<void> {
    return this.#call('stopLocalVideo', () => {
      this.#calls.video.abort('stopLocalVideo was called');
      return this.#video.mutedDuring(this.#calls.video.runToEnd(() => this.#video.stop()));
    });
  }

  /**
   * Lets the user choose a screen, window or tab, and publishes it, now or as soon as a room is entered.
   *
   * @example
   * ```ts
   * await trtc.startScreenShare({ option: { systemAudio: true } });
   * ```
   */
  startScreenShare(options: ScreenShareOptions = {}): Promise<void> {
    return this.#call('startScreenShare', () => {
      checkScreenShare(options);
      return this.#calls.screen.run((signal) => this.#screen.start(options, signal));
    });
  }

  /**
   * Changes what the options name; what is refused changes nothing, but a mute acts in any case.
   *
   * @example
   * ```ts
   * await trtc.updateScreenShare({ muteSystemAudio: true });
   * ```
   */
  updateScreenShare(options: ScreenShareOptions): Promise<void> {
    return this.#call('updateScreenShare', async () => {
      checkScreenShare(options);
      const call = this.#calls.screen.run(() => this.#screen.update(options));
      const { told } = await (options.muteSystemAudio ? this.#screen.mutedDuring(call) : call);
      await told;
    });
  }

  /**
   * Ends the sharing; a start that is under way fails with 5998. Does nothing when nothing is shared.
   *
   * @example
   * ```ts
   * await trtc.stopScreenShare();
   * ```
   */
  stopScreenShare(): Promise<void> {
    return this.#call('stopScreenShare', () => {
      this.#calls.screen.abort('stopScreenShare was called');
      return this.#screen.mutedDuring(this.#calls.screen.runToEnd(() => this.#screen.stop()));
    });
  }

  /**
   * Receives and shows a video; settles when its media is there. Asking again changes how it is shown.
   *
   * @example
   * ```ts
   * trtc.on(TRTC.EVENT.REMOTE_VIDEO_AVAILABLE, ({ userId, streamType }) =>
   *   trtc.startRemoteVideo({ userId, streamType, view: 'their-video' }),
   * );
   * ```
   */
  startRemoteVideo(options: RemoteVideoOptions): Promise<void> {
    return this.#call('startRemoteVideo', () => {
      checkRemoteVideo(options);
      this.#requireRoom();
      return this.#remote.videos.start(options, this.#remote.users);
    });
  }

  /**
   * Changes how a video is shown, or which of its sizes is received.
   *
   * @example
   * ```ts
   * await trtc.updateRemoteVideo({ userId: 'bob', streamType: 'main', option: { small: true } });
   * ```
   */
  updateRemoteVideo(options: RemoteVideoOptions): Promise<void> {
    return this.#call('updateRemoteVideo', () => {
      checkRemoteVideo(options);
      this.#requireRoom();
      return this.#remote.videos.update(options);
    });
  }

  /**
   * Stops showing and receiving a video, or with user id `*` all of them.
   *
   * @example
   * ```ts
   * await trtc.stopRemoteVideo({ userId: '*' });
   * ```
   */
  stopRemoteVideo(options: StopRemoteVideoOptions): Promise<void> {
    return this.#call('stopRemoteVideo', () => {
      checkStopRemoteVideo(options);
      return this.#remote.videos.stop(options);
    });
  }

  /**
   * Stops receiving a user's sound, microphone and screen, or receives it again; `*` stands for everybody, those who
   * come later too. May be called before entry; leaving the room undoes it.
   *
   * @example
   * ```ts
   * await trtc.muteRemoteAudio('bob', true);
   * ```
   */
  muteRemoteAudio(userId: string, mute: boolean): Promise<void> {
    return this.#call('muteRemoteAudio', async () => {
      checkMuteRemoteAudio(userId, mute);
      const { sounds, users } = this.#remote;
      sounds.subscriptions.set(userId, !mute);
      const concerned = userId === '*' ? users.all() : [users.find(userId)];
      await Promise.all(concerned.map((user) => user && sounds.apply(user)));
    });
  }

  /**
   * 0 to 100; more counts as 100. `*` stands for everybody, those who come later too.
   *
   * @example
   * ```ts
   * trtc.setRemoteAudioVolume('*', 50);
   * ```
   */
  setRemoteAudioVolume(userId: string, volume: number): void {
    this.#now('setRemoteAudioVolume', () => {
      checkRemoteAudioVolume(userId, volume);
      this.#remote.sounds.setVolume(userId, volume / 100);
    });
  }

  /**
   * The local microphone's track, or by `streamType: 'sub'` the screen's sound, or a user's sound.
   *
   * @example
   * ```ts
   * const sound = trtc.getAudioTrack('bob');
   * ```
   */
  getAudioTrack(choice: TrackChoice | string = {}): MediaStreamTrack | null {
    const { userId = '', streamType } = typeof choice === 'string' ? { userId: choice } : choice;
    if (userId !== '') return this.#remote.audioTrack(userId, streamType) ?? null;
    return (streamType === 'sub' ? this.#screen.audioTrack : this.#audio.track) ?? null;
  }

  /**
   * The local camera's track, or by `streamType: 'sub'` the screen's, or a user's.
   *
   * @example
   * ```ts
   * const screen = trtc.getVideoTrack({ userId: 'bob', streamType: 'sub' });
   * ```
   */
  getVideoTrack({ userId = '', streamType = 'main' }: TrackChoice = {}): MediaStreamTrack | null {
    if (userId !== '') return this.#remote.videoTrack(userId, streamType) ?? null;
    return (streamType === 'sub' ? this.#screen.track : this.#video.track) ?? null;
  }

  /**
   * Finds a new network path for all media at once. The SDK does it by itself when the path is lost.
   *
   * @example
   * ```ts
   * await trtc.restartIce();
   * ```
   */
  restartIce(): Promise<void> {
    return this.#call('restartIce', async () => {
      this.#requireRoom();
      const media = this.#room.connection?.media;
      await Promise.all([media?.restartIce('send'), media?.restartIce('recv')]);
    });
  }

  /**
   * Listens to an event, or with `*` to all of them as `(name, payload)`.
   *
   * `Self` is this object for the caller, and whatever a caller takes it for: declared so, an object of this class
   * fits where the vendor's class is asked for.
   *
   * @example
   * ```ts
   * trtc.on(TRTC.EVENT.KICKED_OUT, ({ reason, cause }) => console.log(reason, cause));
   * trtc.on('*', (name, payload) => console.log(name, payload));
   * ```
   */
  on<E extends EventName, Self = this>(
    event: E,
    handler: (...payload: TrtcEvents[E]) => void,
    context?: unknown,
  ): Self;
  on<Self = this>(event: '*', handler: (event: EventName, payload: unknown) => void, context?: unknown): Self;
  on(event: EventName | '*', handler: (...payload: never[]) => void, context?: unknown): this {
    this.#emitter.on(event, handler, context);
    return this;
  }

  /**
   * Ends listening: of one handler, without it of all of the event's, with `*` alone of every one.
   *
   * @example
   * ```ts
   * trtc.off(TRTC.EVENT.KICKED_OUT);
   * trtc.off('*');
   * ```
   */
  off<E extends EventName, Self = this>(
    event: E,
    handler?: (...payload: TrtcEvents[E]) => void,
    context?: unknown,
  ): Self;
  off<Self = this>(
    event: '*',
    handler?: (event: EventName, payload: unknown) => void,
    context?: unknown,
  ): Self;
  off(event: EventName | '*', handler?: (...payload: never[]) => void, context?: unknown): this {
    this.#emitter.off(event, handler, context);
    return this;
  }

  async #updatePrivateMapKey(privateMapKey: string): Promise<void> {
    checkText(privateMapKey, 'privateMapKey');
    const { permissions } = this.#room;
    await this.#calls.room.run((signal) => permissions.updatePrivateMapKey(privateMapKey, signal));
  }

  #requireRoom(): void {
    const { at } = this.#room.state;
    if (at === 'out' || at === 'entering') throw new RtcError('notInRoom', 'Enter a room first.');
  }

  async #call(name: string, job: () => Promise<void>): Promise<void> {
    try {
      if (this.#destroyed) throw new RtcError('destroyed', 'This client was destroyed; create another.');
      await job();
    } catch (error) {
      throw RtcError.from(error, name);
    }
  }

  #now(name: string, job: () => void): void {
    try {
      job();
    } catch (error) {
      throw RtcError.from(error, name);
    }
  }
}
