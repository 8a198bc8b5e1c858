import { ServiceError } from '@roomkey/protocol';
import type { MediaPlane } from '../../ports/index.ts';

/**
 * A media plane that keeps the promises of its port whatever it is that the plane behind it throws: what fails is a refusal,
 * closings and confirmations never fail, and what they hide is told to `failed`. So no decision of a room ends half-way because
 * of media, and nothing that nobody waits for is an unhandled rejection.
 */
export class SteadyPlane implements MediaPlane {
  readonly #plane: MediaPlane;
  readonly #failed: (error: unknown) => void;

  constructor(plane: MediaPlane, failed: (error: unknown) => void) {
    this.#plane = plane;
    this.#failed = failed;
  }

  get rtpCapabilities() {
    return this.#plane.rtpCapabilities;
  }

  takesTransports: MediaPlane['takesTransports'] = (room) => {
    try {
      return this.#plane.takesTransports(room);
    } catch (error) {
      this.#failed(error);
      return false;
    }
  };

  place: MediaPlane['place'] = (room) => {
    try {
      return this.#plane.place(room);
    } catch (error) {
      throw this.#refusal(error);
    }
  };

  openTransport: MediaPlane['openTransport'] = (...args) =>
    this.#ask(() => this.#plane.openTransport(...args));
  connectTransport: MediaPlane['connectTransport'] = (...args) =>
    this.#ask(() => this.#plane.connectTransport(...args));
  restartIce: MediaPlane['restartIce'] = (...args) => this.#ask(() => this.#plane.restartIce(...args));
  openTrack: MediaPlane['openTrack'] = (...args) => this.#ask(() => this.#plane.openTrack(...args));
  setTrackPaused: MediaPlane['setTrackPaused'] = (...args) =>
    this.#ask(() => this.#plane.setTrackPaused(...args));
  openConsumer: MediaPlane['openConsumer'] = (...args) => this.#ask(() => this.#plane.openConsumer(...args));
  resumeConsumer: MediaPlane['resumeConsumer'] = (...args) =>
    this.#ask(() => this.#plane.resumeConsumer(...args));
  setSpatialLayer: MediaPlane['setSpatialLayer'] = (...args) =>
    this.#ask(() => this.#plane.setSpatialLayer(...args));
  closeConsumer: MediaPlane['closeConsumer'] = (...args) =>
    this.#close(() => this.#plane.closeConsumer(...args));
  closeTrack: MediaPlane['closeTrack'] = (...args) => this.#close(() => this.#plane.closeTrack(...args));
  closeTransport: MediaPlane['closeTransport'] = (...args) =>
    this.#close(() => this.#plane.closeTransport(...args));
  closeRoom: MediaPlane['closeRoom'] = (...args) => this.#close(() => this.#plane.closeRoom(...args));
  confirmClosed: MediaPlane['confirmClosed'] = (...args) =>
    this.#ask(() => this.#plane.confirmClosed(...args)).catch(() => {});
  listen: MediaPlane['listen'] = (events) => this.#plane.listen(events);

  async #ask<T>(question: () => Promise<T>): Promise<T> {
    try {
      return await question();
    } catch (error) {
      throw this.#refusal(error);
    }
  }

  #close(closing: () => void): void {
    try {
      closing();
    } catch (error) {
      this.#failed(error);
    }
  }

  /** A refusal stays what it is; anything else is told, and the caller may try again. */
  #refusal(error: unknown): ServiceError {
    if (error instanceof ServiceError) return error;
    this.#failed(error);
    return new ServiceError('mediaUnavailable', undefined, { cause: error });
  }
}
