import { setTimeout as sleep } from 'node:timers/promises';
import { type EngineDoor, openPlainSource, type PlainStream } from '@roomkey/testkit/engine';
import type { Direction } from '@roomkey/tickets/permissions';
import type { types } from 'mediasoup';
import { settled, silentMs } from './pauses.ts';
import { type Ssrcs, ssrcsOf } from './receptions.ts';

/** What the engine alone is asked to do. */
export interface BareScene {
  readonly direction: Direction;
  readonly stream: PlainStream;
  /** How many receive the stream. */
  readonly receivers: number;
  /** See {@link settled}. */
  readonly settleMs: number;
}

/** One `close()` of the engine: the mark in the capture right before it, and the receptions that should fall silent. */
export interface BareStop {
  readonly mark: number;
  readonly silenced: readonly Ssrcs[];
}

/**
 * The peer: the same engine, worker, router and receivers' encrypted transports, but nobody who decides. What the server does to end
 * a track or one reception is done here by the one call that the engine has for it.
 */
export class BareEngine {
  /** Where the stream is taken, as plain RTP. */
  readonly port: number;
  readonly #engine: EngineDoor;
  readonly #scene: BareScene;
  readonly #mark: (mark: number) => void;
  readonly #transport: types.Transport;
  readonly #parameters: types.RtpParameters;
  #producer: types.Producer;
  #consumers: types.Consumer[] = [];
  static #marks = 0;

  private constructor(
    engine: EngineDoor,
    scene: BareScene,
    mark: (mark: number) => void,
    source: Awaited<ReturnType<typeof openPlainSource>>,
  ) {
    this.port = source.port;
    this.#engine = engine;
    this.#scene = scene;
    this.#mark = mark;
    this.#transport = source.transport;
    this.#producer = source.producer;
    this.#parameters = source.producer.rtpParameters;
  }

  static async open(engine: EngineDoor, scene: BareScene, mark: (mark: number) => void): Promise<BareEngine> {
    const bare = new BareEngine(
      engine,
      scene,
      mark,
      await openPlainSource(engine.router, '127.0.0.2', scene.stream),
    );
    await bare.#receive();
    return bare;
  }

  /** Closes and opens again so many times. */
  async close(count: number): Promise<BareStop[]> {
    const stops: BareStop[] = [];
    for (let done = 0; done < count; done++) {
      await settled(this.#scene.settleMs);
      const [one] = this.#consumers;
      if (!one) throw new Error('nobody receives');
      const isSending = this.#scene.direction === 'send';
      const affected = isSending ? this.#consumers : [one];
      const mark = ++BareEngine.#marks;
      stops.push({ mark, silenced: affected.map(({ rtpParameters }) => ssrcsOf(rtpParameters.encodings)) });
      this.#mark(mark);
      if (isSending) this.#producer.close();
      else one.close();
      await sleep(silentMs);
      if (isSending) {
        const { kind } = this.#scene.stream;
        this.#producer = await this.#transport.produce({ kind, rtpParameters: this.#parameters });
        this.#consumers = [];
      } else this.#consumers.shift();
      await this.#receive();
    }
    return stops;
  }

  end(): void {
    this.#transport.close();
  }

  /** Opens what is missing of the receptions. */
  async #receive(): Promise<void> {
    const { receivers } = this.#scene;
    const rtpCapabilities = withoutEstimates(this.#engine.router.rtpCapabilities);
    const transports = this.#engine.receiving.slice(0, receivers - this.#consumers.length);
    const opened = await Promise.all(
      transports.map((transport) => transport.consume({ producerId: this.#producer.id, rtpCapabilities })),
    );
    this.#consumers.unshift(...opened);
  }
}

/** As the server does it for members who receive pictures with one layer. */
const withoutEstimates = ({
  codecs = [],
  headerExtensions = [],
}: types.RtpCapabilities): types.RtpCapabilities => ({
  codecs: codecs.map((codec) => ({
    ...codec,
    rtcpFeedback: (codec.rtcpFeedback ?? []).filter(
      ({ type }) => type !== 'transport-cc' && type !== 'goog-remb',
    ),
  })),
  headerExtensions: headerExtensions.filter(({ uri }) => !uri.includes('transport-wide-cc')),
});
