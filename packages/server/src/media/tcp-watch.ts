import type { types } from 'mediasoup';
import { addressGroup } from '../client-address.ts';
import { systemClock } from '../system-clock.ts';
import { type ConnectionName, type ConnectionState, keyOf, tcpConnections } from './tcp-connections.ts';

const LOOK_MS = 1_000;
/** Looks at a closed window, more than at an open one, after which a peer is lost. */
const CLOSED_LOOKS = 5;
/** So many connections that are closed may wait for the peers of one address to read what was sent before. */
const MOST_WAITING = 4;

interface Watched {
  readonly connection: ConnectionName;
  readonly lost: () => void;
  closed: number;
  unacknowledged: number;
}

/**
 * Finds peers over TCP who do not read. What they do not take waits in the worker, without a bound, and their ICE checks come all the
 * same. Of what they report nothing can be believed, but the system knows whether they take anything. Nothing is asked as long as
 * nobody uses TCP, and where the system does not say, nobody is lost.
 *
 * The engine ends a connection only when its peer has read the rest. So those of one address who leave many such connections behind
 * are lost as soon as they come over TCP again.
 */
export class TcpWatch {
  readonly #watched = new Map<types.WebRtcTransport, Watched>();
  /** Connections of transports that are closed, with the addresses of their peers; a moment later most of them are gone. */
  readonly #left = new Map<string, { readonly connection: ConnectionName; waits: boolean }>();
  readonly #unacknowledgedLooks: number;
  #looks = false;

  /** `seconds`: how long a peer may acknowledge nothing, as in an outage. */
  constructor(seconds: number) {
    this.#unacknowledgedLooks = Math.ceil((seconds * 1000) / LOOK_MS);
  }

  /** Watches a transport whenever it goes over TCP. `lost` is called when its peer does not read, once for each connection. */
  add(engine: types.WebRtcTransport, lost: () => void): void {
    engine.observer.on('iceselectedtuplechange', (tuple) => {
      this.#leave(engine);
      const { protocol, localPort, remoteIp, remotePort } = tuple;
      if (protocol !== 'tcp' || remoteIp === undefined || remotePort === undefined) return;
      const connection = { localPort, remoteIp, remotePort };
      if (this.#waiting(remoteIp) >= MOST_WAITING) {
        lost();
        return;
      }
      this.#left.delete(keyOf(connection));
      this.#watched.set(engine, { connection, lost, closed: 0, unacknowledged: 0 });
      this.#lookLater();
    });
    engine.observer.once('close', () => this.#leave(engine));
  }

  /** Connections that wait for peers of an address. */
  #waiting(remoteIp: string): number {
    const from = addressGroup(remoteIp);
    const ofAddress = [...this.#left.values()].filter(
      ({ connection, waits }) => waits && addressGroup(connection.remoteIp) === from,
    );
    return ofAddress.length;
  }

  #leave(engine: types.WebRtcTransport): void {
    const watched = this.#watched.get(engine);
    if (!watched) return;
    this.#watched.delete(engine);
    const { connection, closed } = watched;
    this.#left.set(keyOf(connection), { connection, waits: closed > 0 });
  }

  #lookLater(): void {
    if (this.#looks || this.#watched.size + this.#left.size === 0) return;
    this.#looks = true;
    systemClock.after(LOOK_MS, async () => {
      await this.#look();
      this.#looks = false;
      this.#lookLater();
    });
  }

  async #look(): Promise<void> {
    const all = [...this.#watched.values(), ...this.#left.values()];
    const states = await tcpConnections(new Set(all.map(({ connection }) => connection.localPort)));
    for (const [key, left] of this.#left) {
      const state = states.get(key);
      if (state) left.waits = state.isClosedWindow || state.isUnacknowledged;
      else this.#left.delete(key);
    }
    for (const watched of [...this.#watched.values()]) {
      const state = states.get(keyOf(watched.connection));
      if (state && this.#isLost(watched, state)) watched.lost();
    }
  }

  #isLost(watched: Watched, { isClosedWindow, isUnacknowledged }: ConnectionState): boolean {
    // Who reads a little now and then is not better.
    watched.closed = Math.max(0, watched.closed + (isClosedWindow ? 1 : -1));
    watched.unacknowledged = isUnacknowledged ? watched.unacknowledged + 1 : 0;
    // Once: whether the transport is closed then is for others to decide.
    return watched.closed === CLOSED_LOOKS || watched.unacknowledged === this.#unacknowledgedLooks;
  }
}
