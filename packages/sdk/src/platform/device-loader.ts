import type { RtpCapabilities } from '@roomkey/protocol';
import { Device, detectDevice, type types } from 'mediasoup-client';
import { Chrome74 } from 'mediasoup-client/handlers/Chrome74';
import { Chrome111 } from 'mediasoup-client/handlers/Chrome111';
import { Firefox120 } from 'mediasoup-client/handlers/Firefox120';
import type { HandlerFactory } from 'mediasoup-client/handlers/HandlerInterface';
import { Safari12 } from 'mediasoup-client/handlers/Safari12';
import { RtcError } from '../errors/rtc-error.ts';

const factories: Partial<Record<types.BuiltinHandlerName, () => HandlerFactory>> = {
  Chrome111: () => Chrome111.createFactory({}),
  Chrome74: () => Chrome74.createFactory({}),
  Firefox120: () => Firefox120.createFactory({}),
  Safari12: () => Safari12.createFactory({}),
};

/** The handler for this browser; undefined where it has no usable WebRTC. */
function browserFactory(): HandlerFactory | undefined {
  if (typeof RTCPeerConnection === 'undefined') return undefined;
  const name = detectDevice();
  return name && factories[name]?.();
}

/**
 * Makes mediasoup devices. What the browser can do is asked of it once, ahead of the first entry, and each
 * device is kept: asking takes two peer connections and tens of milliseconds of the time to the first picture.
 */
export class DeviceLoader {
  readonly #makeFactory: () => HandlerFactory | undefined;
  readonly #devices = new Map<string, Promise<Device>>();
  #factory: HandlerFactory | undefined;

  constructor(makeFactory: () => HandlerFactory | undefined = browserFactory) {
    this.#makeFactory = makeFactory;
  }

  /** Whether this browser can take part. */
  get usable(): boolean {
    return this.#remembering() !== undefined;
  }

  /** Begins to ask the browser. */
  warm(): void {
    const factory = this.#remembering();
    for (const direction of ['recvonly', 'sendonly'] as const) {
      factory?.getNativeRtpCapabilities({ direction }).catch(() => {});
    }
  }

  /** @throws {RtcError} `webrtcUnsupported` in a browser that cannot take part. */
  load(routerRtpCapabilities: RtpCapabilities): Promise<Device> {
    const key = JSON.stringify(routerRtpCapabilities);
    const known = this.#devices.get(key);
    if (known) return known;
    const loading = this.#load(routerRtpCapabilities);
    this.#devices.set(key, loading);
    loading.catch(() => this.#devices.delete(key));
    return loading;
  }

  async #load(routerRtpCapabilities: RtpCapabilities): Promise<Device> {
    const handlerFactory = this.#remembering();
    if (!handlerFactory) {
      throw new RtcError(
        'webrtcUnsupported',
        'This browser is not able to make calls (WebRTC); use a current one.',
      );
    }
    const device = new Device({ handlerFactory });
    await device.load({ routerRtpCapabilities: routerRtpCapabilities as types.RtpCapabilities });
    return device;
  }

  #remembering(): HandlerFactory | undefined {
    const factory = this.#factory ?? this.#makeFactory();
    if (!factory || this.#factory) return factory;
    const asked = new Map<string, ReturnType<HandlerFactory['getNativeRtpCapabilities']>>();
    this.#factory = {
      ...factory,
      getNativeRtpCapabilities: (options) => {
        const answer = asked.get(options.direction) ?? factory.getNativeRtpCapabilities(options);
        asked.set(options.direction, answer);
        answer.catch(() => asked.delete(options.direction));
        return answer;
      },
    };
    return this.#factory;
  }
}
