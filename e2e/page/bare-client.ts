import { Device, type types } from 'mediasoup-client';
import { picture, tone } from './flow.ts';

type Slot = 'microphone' | 'camera' | 'screen' | 'screenAudio';

interface Refusal {
  readonly name: string;
  readonly message: string;
}

interface Offer {
  readonly consumerId: string;
  readonly trackId: string;
  readonly userId: string;
  readonly slot: Slot;
  readonly kind: types.MediaKind;
  readonly rtpParameters: types.RtpParameters;
}

/**
 * A client that knows the wire and no permission: it asks the server for everything it is told to,
 * keeps what it is answered, and sends media even when it was refused.
 */
export class BareClient {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (answer: { result?: unknown; error?: { data: Refusal } }) => void>();
  readonly #device = new Device();
  readonly #welcome: Promise<{ rtpCapabilities: types.RtpCapabilities }>;
  /** Every notice, in order. */
  readonly notices: { method: string; params: unknown }[] = [];
  #send: types.Transport | undefined;
  #recv: Promise<types.Transport> | undefined;
  #next = 1;
  #entered: Record<string, unknown> = {};

  constructor(url: string) {
    this.#socket = new WebSocket(url);
    let welcomed: (params: { rtpCapabilities: types.RtpCapabilities }) => void;
    this.#welcome = new Promise((resolve) => {
      welcomed = resolve;
    });
    this.#socket.addEventListener('message', ({ data }) => {
      const message = JSON.parse(String(data));
      if (message.id !== undefined) {
        this.#waiting.get(message.id)?.(message);
        this.#waiting.delete(message.id);
        return;
      }
      this.notices.push(message);
      if (message.method === 'welcome') welcomed(message.params);
      if (message.method === 'consumerOpened') void this.#consume(message.params);
    });
  }

  /** Asks, and returns the answer or the name of the refusal. */
  async ask(method: string, params: unknown): Promise<{ result?: unknown; refused?: string }> {
    const id = this.#next++;
    const answer = await new Promise<{ result?: unknown; error?: { data: Refusal } }>((resolve) => {
      this.#waiting.set(id, resolve);
      this.#socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    });
    return answer.error ? { refused: answer.error.data.name } : { result: answer.result };
  }

  /** Resolves once a notice of a name has come. */
  async told(method: string): Promise<void> {
    while (!this.notices.some((notice) => notice.method === method))
      await new Promise((resolve) => setTimeout(resolve, 1));
  }

  /** Enters; asks for no media by itself unless told to. */
  async enter(params: Record<string, unknown>): Promise<{ result?: unknown; refused?: string }> {
    const { rtpCapabilities } = await this.#welcome;
    await this.#device.load({ routerRtpCapabilities: rtpCapabilities });
    const autoReceive = { audio: false, video: false };
    const entry = { autoReceive, rtpCapabilities: this.#device.recvRtpCapabilities, ...params };
    const answer = await this.ask('enter', entry);
    this.#entered = (answer.result ?? {}) as Record<string, unknown>;
    return answer;
  }

  /** The answer to the entry. */
  get entered(): Record<string, unknown> {
    return this.#entered;
  }

  /** Opens the receiving transport. */
  async receive(): Promise<void> {
    await this.#receiving();
  }

  /** Publishes a slot with a track that never falls silent; sends it on even when it was refused. */
  async publish(slot: Slot): Promise<string> {
    const transport = await this.#sending();
    const track = slot === 'microphone' || slot === 'screenAudio' ? tone() : picture();
    let answer = '';
    const listener = (
      { rtpParameters }: { rtpParameters: types.RtpParameters },
      done: (answer: { id: string }) => void,
    ) => {
      void this.ask('publish', { transportId: transport.id, slot, rtpParameters }).then(
        ({ result, refused }) => {
          answer = refused ?? 'published';
          done({ id: refused ? crypto.randomUUID() : (result as { trackId: string }).trackId });
        },
      );
    };
    transport.on('produce', listener);
    await transport.produce({ track, codecOptions: { opusDtx: false } });
    transport.off('produce', listener);
    return answer;
  }

  /** Asks to receive a slot of somebody. */
  async subscribe(userId: string, slot: Slot): Promise<string> {
    const { refused } = await this.ask('subscribe', { userId, slot });
    return refused ?? 'subscribed';
  }

  close(): void {
    this.#socket.close();
  }

  async #sending(): Promise<types.Transport> {
    this.#send ??= await this.#transport('send');
    return this.#send;
  }

  #receiving(): Promise<types.Transport> {
    this.#recv ??= this.#transport('recv');
    return this.#recv;
  }

  async #transport(direction: 'send' | 'recv'): Promise<types.Transport> {
    const { result, refused } = await this.ask('openTransport', { direction });
    if (refused) throw new Error(refused);
    const offer = result as { transportId: string } & types.TransportOptions;
    const options = { ...offer, id: offer.transportId };
    const transport =
      direction === 'send'
        ? this.#device.createSendTransport(options)
        : this.#device.createRecvTransport(options);
    transport.on('connect', ({ dtlsParameters }, done, failed) => {
      void this.ask('connectTransport', { transportId: transport.id, dtlsParameters }).then(
        ({ refused: no }) => (no ? failed(new Error(no)) : done()),
      );
    });
    return transport;
  }

  async #consume({ consumerId, trackId, kind, rtpParameters }: Offer): Promise<void> {
    const transport = await this.#receiving();
    const consumer = await transport.consume({ id: consumerId, producerId: trackId, kind, rtpParameters });
    const element = document.createElement(kind);
    element.srcObject = new MediaStream([consumer.track]);
    element.autoplay = true;
    document.body.append(element);
    await this.ask('consumerReady', { consumerId });
  }
}
