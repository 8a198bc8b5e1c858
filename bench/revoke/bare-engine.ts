import { setTimeout as sleep } from 'node:timers/promises';
import { type EngineDoor, openPlainSource, type PlainStream } from '@roomkey/testkit/engine';
import type { Direction } from '@roomkey/tickets/permissions';
import type { types } from 'mediasoup';
import { settled, silentMs } from './pauses.ts';
import { ssrcsOf } from './receptions.ts';
import type { Outflow } from './sent-packets.ts';

/** What the engine alone is asked to do. */
export interface BareScene {
  readonly direction: Direction;
  readonly stream: PlainStream;
  /** How many receive the stream. */
  readonly receivers: number;
  /** See {@link settled}. */
  readonly settleMs: number;
}

/** One `close()` of the engine: the marks in the capture right before it and right before all is opened again, and what should end between. */
export interface BareStop {
  readonly mark: number;
  readonly backMark: number;
  readonly silenced: readonly Outflow[];
}

/** One reception: what leaves for it, and how it ends. */
interface BareReception {
  readonly consumer: types.Consumer;
  readonly outflow: Outflow;
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
  #receptions: BareReception[] = [];
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
      const [one] = this.#receptions;
      if (!one) throw new Error('nobody receives');
      const isSending = this.#scene.direction === 'send';
      const affected = isSending ? this.#receptions : [one];
      const mark = this.#nextMark();
      if (isSending) this.#producer.close();
      else one.consumer.close();
      await sleep(silentMs);
      const backMark = this.#nextMark();
      stops.push({ mark, backMark, silenced: affected.map(({ outflow }) => outflow) });
      if (isSending) {
        const { kind } = this.#scene.stream;
        this.#producer = await this.#transport.produce({ kind, rtpParameters: this.#parameters });
        this.#receptions = [];
      } else this.#receptions.shift();
      await this.#receive();
    }
    return stops;
  }

  end(): void {
    this.#transport.close();
  }

  #nextMark(): number {
    const mark = ++BareEngine.#marks;
    this.#mark(mark);
    return mark;
  }

  /** Opens what is missing of the receptions. */
  async #receive(): Promise<void> {
    const { receivers } = this.#scene;
    const rtpCapabilities = withoutEstimates(this.#engine.router.rtpCapabilities);
    const transports = this.#engine.receiving.slice(0, receivers - this.#receptions.length);
    const opened = await Promise.all(
      transports.map(async (transport) => {
        const consumer = await transport.consume({ producerId: this.#producer.id, rtpCapabilities });
        const { remotePort: port } = transport.iceSelectedTuple ?? {};
        if (port === undefined) throw new Error('a receiver is not connected');
        return { consumer, outflow: { port, ssrcs: ssrcsOf(consumer.rtpParameters.encodings) } };
      }),
    );
    this.#receptions.unshift(...opened);
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
