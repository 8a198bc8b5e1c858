import type { Entry, RtpCapabilities, Slot } from './messages.ts';
import { Receiving } from './receiving.ts';
import { Sending } from './sending.ts';
import { silence, stillPicture } from './test-signal.ts';
import { Wire, WireError } from './wire.ts';

/** One member of a room. */
export class WireClient {
  readonly wire: Wire;
  readonly sending: Sending;
  readonly receiving: Receiving;
  /** The permission byte that the server granted last. */
  effective: number;

  private constructor(wire: Wire, sending: Sending, receiving: Receiving, effective: number) {
    this.wire = wire;
    this.sending = sending;
    this.receiving = receiving;
    this.effective = effective;
  }

  /**
   * Connects, enters a room and opens a transport for each direction. From then on it receives what the others
   * send, as far as its PrivateMapKey allows.
   *
   * @param log hears what happens in the room
   * @throws {WireError} of the refusal
   */
  static async enter(url: string, entry: Entry, log: (line: string) => void = () => {}): Promise<WireClient> {
    const { wire, welcome } = await Wire.connect(url);
    try {
      // All three at once: the server keeps what comes behind `enter` until it is answered.
      const entered = wire.request('enter', {
        ...entry,
        rtpCapabilities: receivable(welcome.rtpCapabilities),
        autoReceive: { audio: true, video: true },
      });
      const sending = wire
        .request('openTransport', { direction: 'send' })
        .then((transport) => new Sending(wire, transport));
      const receiving = wire
        .request('openTransport', { direction: 'recv' })
        .then((transport) => new Receiving(wire, transport));
      // Before the answers: consumers open as soon as there is a transport for them.
      listen(wire, receiving, log);
      const [{ explanation }, send, recv] = await Promise.all([entered, sending, receiving]);
      return new WireClient(wire, send, recv, explanation.effective);
    } catch (error) {
      wire.close();
      throw error;
    }
  }

  /** Sends silence as microphone. @throws {WireError} `sendAudioDenied` */
  publishSilence(): Promise<void> {
    return this.sending.publish('microphone', 'audio', silence);
  }

  /** Sends a still picture as camera. @throws {WireError} `sendVideoDenied` */
  publishPicture(slot: Extract<Slot, 'camera' | 'screen'> = 'camera'): Promise<void> {
    return this.sending.publish(slot, 'video', stillPicture());
  }

  /**
   * Shows a new PrivateMapKey and asks for other bits of what it holds. Resolves when the server's media is as asked.
   *
   * @throws {WireError} `authBitsBeyondHeld`, or what is wrong with the key
   */
  async changeAuthority(authBits: number, privateMapKey: string): Promise<void> {
    const { explanation } = await this.wire.request('changeAuthority', { authBits, privateMapKey });
    this.effective = explanation.effective;
  }

  /** Leaves the room; resolves when the server has closed the connection. Not to be used again. */
  async leave(): Promise<void> {
    // First: while the server takes its side down there is nothing to negotiate any more.
    this.sending.close();
    this.receiving.close();
    await this.wire.request('exit', {}).catch(() => {});
    await this.wire.closed;
  }
}

/** What this client can receive of what the server can send: Opus and VP8, no retransmissions, no header extensions. */
const receivable = ({ codecs }: RtpCapabilities): RtpCapabilities => ({
  codecs: codecs
    .filter(({ mimeType }) => ['audio/opus', 'video/vp8'].includes(mimeType.toLowerCase()))
    .map(({ rtcpFeedback: _, ...codec }) => codec),
});

function listen(wire: Wire, receiving: Promise<Receiving>, log: (line: string) => void): void {
  const failed = (error: Error) => {
    const isOver = error instanceof WireError && error.refusal === 'connectionLost';
    if (!isOver) log(`cannot negotiate: ${error.message}`);
  };
  wire.on('consumerOpened', (consumer) => {
    log(`receives ${consumer.slot} of ${consumer.userId}`);
    receiving.then((media) => media.opened(consumer)).catch(failed);
  });
  wire.on('consumerClosed', ({ consumerId }) => {
    receiving.then((media) => media.closed(consumerId)).catch(failed);
  });
  wire.on('memberEntered', ({ member }) => log(`${member.userId} entered`));
  wire.on('memberLeft', ({ userId, reason }) => log(`${userId} left (${reason})`));
  wire.on('trackClosed', ({ slot, message }) => log(`${slot} was closed: ${message}`));
  wire.on('mediaLost', () => log('the transports are lost; enter again'));
  wire.on('removed', ({ reason }) => log(`taken out of the room (${reason})`));
}
