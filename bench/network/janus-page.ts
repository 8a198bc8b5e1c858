import type { Trtc } from '../page-sdk.ts';

/** How to enter a room of Janus. */
export interface JanusEntry {
  readonly userId: string;
  readonly roomId: number;
}

/**
 * Puts a client of Janus' VideoRoom plugin into a page, in the place of Roomkey's SDK: as far as this bench uses that, both are called in
 * the same way. Runs in the page: it can use nothing from outside of itself.
 */
export function installJanus(url: string): void {
  type Data = Record<string, unknown>;
  interface Stream {
    readonly mid: string;
    readonly type: string;
    readonly feed_id?: number;
    /** What its publisher calls it. */
    readonly description?: string;
    readonly feed_description?: string;
  }
  interface Message {
    readonly janus: string;
    readonly transaction?: string;
    readonly sender?: number;
    readonly data?: { readonly id: number };
    readonly error?: { readonly reason: string };
    readonly plugindata?: { readonly data: Data };
    readonly jsep?: RTCSessionDescriptionInit;
  }
  interface Feed {
    readonly id: number;
    readonly display: string;
    readonly streams?: readonly Stream[];
  }

  /** Width, height, kbit/s, as Roomkey's profiles of the same names; 15 frames per second. */
  const profiles: Record<string, readonly [number, number, number]> = {
    '240p': [320, 240, 400],
    '480p': [640, 480, 900],
    '720p': [1280, 720, 1500],
  };
  const [soundBitrate, screenBitrate] = [40_000, 1_600_000];

  /** What Janus calls itself towards a relay: its members reach it through the relay, at the address that all others use. */
  const [behindRelay, address] = [/10\.97\.\d+\.1/g, new URL(url).hostname];

  class JanusClient {
    readonly #socket = new WebSocket(url, 'janus-protocol');
    readonly #answers = new Map<string, (message: Message) => void>();
    // biome-ignore lint/suspicious/noExplicitAny: each event has its own argument.
    readonly #listeners = new Map<string, ((event: any) => void)[]>();
    readonly #feeds = new Map<number, { readonly userId: string; readonly asked: Set<string> }>();
    readonly #pictures = new Map<string, { readonly feed: number; readonly mid: string }>();
    /** What each section of the publishing connection sends. */
    readonly #sent: { readonly mid: string; readonly description: string }[] = [];
    readonly #views = new Map<string, HTMLElement>();
    readonly #publishing = new RTCPeerConnection();
    readonly #receiving = new RTCPeerConnection();
    /** What each section of the receiving connection brings. */
    readonly #sections = new Map<string, { readonly userId: string; readonly streamType: string }>();
    #session = 0;
    #publisher = 0;
    #subscriber = 0;
    #room = 0;
    #hasJoined = false;
    #turn: Promise<unknown> = Promise.resolve();

    constructor() {
      this.#socket.onmessage = ({ data }) => this.#heard(JSON.parse(String(data)));
      this.#receiving.ontrack = ({ track, transceiver }) => this.#came(track, transceiver.mid ?? '');
    }

    async enterRoom({ userId, roomId }: JanusEntry): Promise<void> {
      await new Promise((resolve, reject) => {
        this.#socket.onopen = resolve;
        this.#socket.onerror = reject;
      });
      this.#session = (await this.#ask({ janus: 'create' })).data?.id ?? 0;
      setInterval(() => void this.#ask({ janus: 'keepalive' }), 20_000);
      this.#publisher = await this.#attach();
      this.#subscriber = await this.#attach();
      this.#room = roomId;
      // Somebody else may have made it: then this is refused.
      await this.#tell(this.#publisher, { request: 'create', room: roomId, publishers: 6 }).catch(() => {});
      const { data } = await this.#tell(this.#publisher, {
        request: 'join',
        ptype: 'publisher',
        room: roomId,
        display: userId,
      });
      this.#found(data);
    }

    async startLocalAudio({ option }: { option?: { audioTrack?: MediaStreamTrack } } = {}): Promise<void> {
      const track = option?.audioTrack ?? (await this.#capture({ audio: true }));
      await this.#publish(track, soundBitrate, 'sound');
    }

    async startLocalVideo({ option }: { option: { profile: string } }): Promise<void> {
      const [width, height, kilobits] = profiles[option.profile] ?? [640, 480, 900];
      const track = await this.#capture({ video: { width, height, frameRate: 15 } });
      await this.#publish(track, kilobits * 1000, 'main');
    }

    async startScreenShare({ option }: { option: { videoTrack: MediaStreamTrack } }): Promise<void> {
      option.videoTrack.contentHint = 'detail';
      await this.#publish(option.videoTrack, screenBitrate, 'sub');
    }

    async startRemoteVideo(wanted: {
      readonly userId: string;
      readonly streamType: string;
      readonly view: HTMLElement;
    }): Promise<void> {
      const key = `${wanted.userId}:${wanted.streamType}`;
      const picture = this.#pictures.get(key);
      if (!picture) return;
      this.#views.set(key, wanted.view);
      this.#pictures.delete(key);
      await this.#subscribe([picture]);
    }

    // biome-ignore lint/suspicious/noExplicitAny: each event has its own argument.
    on(event: string, listener: (event: any) => void): void {
      this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), listener]);
    }

    #emit(event: string, argument: object): void {
      for (const listener of this.#listeners.get(event) ?? []) listener(argument);
    }

    async #capture(wanted: MediaStreamConstraints): Promise<MediaStreamTrack> {
      const [track] = (await navigator.mediaDevices.getUserMedia(wanted)).getTracks();
      if (!track) throw new Error('no track was captured');
      return track;
    }

    #publish(track: MediaStreamTrack, maxBitrate: number, description: string): Promise<void> {
      return this.#inTurn(async () => {
        const { mid } = await this.#offer(track, maxBitrate);
        this.#sent.push({ mid: mid ?? '', description });
        await gathered(this.#publishing);
        const request = this.#publishing.remoteDescription ? 'configure' : 'publish';
        const { jsep } = await this.#tell(
          this.#publisher,
          { request, descriptions: this.#sent },
          this.#publishing.localDescription?.toJSON(),
        );
        if (jsep) await this.#publishing.setRemoteDescription(jsep);
      });
    }

    async #offer(track: MediaStreamTrack, maxBitrate: number): Promise<RTCRtpTransceiver> {
      const transceiver = this.#publishing.addTransceiver(track, {
        direction: 'sendonly',
        sendEncodings: [{ maxBitrate }],
      });
      await this.#publishing.setLocalDescription();
      return transceiver;
    }

    /** Who publishes: all sounds are subscribed to, and of pictures it is said that they are there. */
    #found(data: Data): void {
      for (const { id, display, streams = [] } of (data['publishers'] ?? []) as Feed[]) {
        const feed = this.#feeds.get(id) ?? { userId: display, asked: new Set<string>() };
        this.#feeds.set(id, feed);
        for (const { mid, type, description: streamType = 'main' } of streams) {
          if (feed.asked.has(mid)) continue;
          feed.asked.add(mid);
          if (type === 'audio') void this.#subscribe([{ feed: id, mid }]);
          else {
            this.#pictures.set(`${display}:${streamType}`, { feed: id, mid });
            this.#emit('remote-video-available', { userId: display, streamType });
          }
        }
      }
    }

    #subscribe(streams: readonly { feed: number; mid: string }[]): Promise<void> {
      return this.#inTurn(async () => {
        const request = this.#hasJoined
          ? { request: 'update', subscribe: streams }
          : { request: 'join', ptype: 'subscriber', room: this.#room, streams };
        const { data, jsep } = await this.#tell(this.#subscriber, request);
        this.#hasJoined = true;
        for (const { mid, feed_id, feed_description: streamType = 'main' } of (data['streams'] ??
          []) as Stream[]) {
          const userId = this.#feeds.get(feed_id ?? 0)?.userId;
          if (userId !== undefined) this.#sections.set(mid, { userId, streamType });
        }
        if (!jsep) return;
        await this.#receiving.setRemoteDescription(jsep);
        await this.#receiving.setLocalDescription();
        await gathered(this.#receiving);
        await this.#tell(this.#subscriber, { request: 'start' }, this.#receiving.localDescription?.toJSON());
      });
    }

    #came(track: MediaStreamTrack, mid: string): void {
      const { userId = '', streamType = '' } = this.#sections.get(mid) ?? {};
      this.#emit('track', { userId, streamType, track });
      const element = document.createElement(track.kind === 'audio' ? 'audio' : 'video');
      const srcObject = new MediaStream([track]);
      Object.assign(element, { autoplay: true, muted: track.kind !== 'audio', srcObject });
      element.style.cssText = 'width: 100%; height: 100%';
      (this.#views.get(`${userId}:${streamType}`) ?? document.body).append(element);
    }

    /** The connections change one thing after the other. */
    #inTurn<T>(job: () => Promise<T>): Promise<T> {
      const result = this.#turn.then(job);
      this.#turn = result.catch(() => {});
      return result;
    }

    async #attach(): Promise<number> {
      return (await this.#ask({ janus: 'attach', plugin: 'janus.plugin.videoroom' })).data?.id ?? 0;
    }

    async #tell(
      handle: number,
      body: object,
      jsep?: RTCSessionDescriptionInit,
    ): Promise<{ readonly data: Data; readonly jsep: RTCSessionDescriptionInit | undefined }> {
      const request = { janus: 'message', handle_id: handle, body, ...(jsep ? { jsep } : {}) };
      const answer = await this.#ask(request);
      const data = answer.plugindata?.data ?? {};
      if (data['error']) throw new Error(`Janus: ${data['error']}`);
      const { type, sdp = '' } = answer.jsep ?? {};
      return { data, jsep: type && { type, sdp: sdp.replace(behindRelay, address) } };
    }

    #ask(request: object): Promise<Message> {
      const transaction = crypto.randomUUID();
      const session = this.#session ? { session_id: this.#session } : {};
      return new Promise((resolve, reject) => {
        this.#answers.set(transaction, (message) => {
          if (message.error) reject(new Error(`Janus: ${message.error.reason}`));
          else resolve(message);
        });
        this.#socket.send(JSON.stringify({ ...request, ...session, transaction }));
      });
    }

    #heard(message: Message): void {
      const { janus, transaction = '', plugindata } = message;
      // It says that the plugin will answer later.
      if (janus === 'ack') return;
      const settle = this.#answers.get(transaction);
      this.#answers.delete(transaction);
      if (settle) settle(message);
      else if (plugindata) this.#found(plugindata.data);
    }
  }

  /** Resolves when a connection knows all its addresses. */
  const gathered = (connection: RTCPeerConnection): Promise<void> =>
    new Promise((resolve) => {
      const look = () => {
        if (connection.iceGatheringState === 'complete') resolve();
      };
      connection.addEventListener('icegatheringstatechange', look);
      look();
    });

  Object.assign(window, { TRTC: { create: () => new JanusClient() as unknown as Trtc } });
}
