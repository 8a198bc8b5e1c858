import type { Direction, Slot } from '@roomkey/tickets/permissions';
import type { types } from 'mediasoup';
import type { EngineHandle } from './engine-handle.ts';
import { mediaUnavailable } from './media-error.ts';
import type { Alignment } from './pictures/alignment.ts';
import type { Forwarding } from './pictures/forwarding.ts';
import type { HighestLayer } from './pictures/highest-layer.ts';
import type { KeyFrameGuards } from './pictures/key-frame-guards.ts';
import type { KeyFrameLimit } from './pictures/key-frame-limit.ts';
import type { KeyFrameTurns } from './pictures/key-frame-turns.ts';
import type { MendLog } from './pictures/mend-log.ts';
import type { PictureLink } from './pictures/picture-link.ts';
import type { Recent } from './pictures/recent.ts';
import type { Renewals } from './pictures/renewals.ts';
import type { WaitingReceivers } from './pictures/waiting-receivers.ts';

export interface OpenTransport {
  readonly placeId: string;
  readonly room: string;
  readonly direction: Direction;
  readonly handle: EngineHandle<types.WebRtcTransport>;
  readonly tracks: Set<OpenTrack>;
  readonly consumers: Set<OpenConsumer>;
  /** What its pictures share. */
  readonly link: PictureLink;
  /** How often the pictures that it brings were mended, by slot. */
  readonly renewals: Map<Slot, Renewals>;
}

export interface OpenTrack {
  readonly trackId: string;
  readonly transport: OpenTransport;
  readonly slot: Slot;
  /** The codecs that its receivers may be sent, in lower case. */
  readonly mimeTypes: ReadonlySet<string>;
  /** What it is sent in, unless there are several encodings. */
  readonly onlyEncoding: types.RtpEncodingParameters | undefined;
  readonly handle: EngineHandle<types.Producer>;
  /** Its sender has muted it. The engine tells its receivers that it flows no more before it tells them why. */
  isPaused: boolean;
  /** Whether its receivers may be given another encoding. */
  readonly alignment: Alignment;
  /** What each of its receivers may cost its sender. */
  readonly guards: KeyFrameGuards;
  /** Its receivers who cost key frames too often. */
  readonly waits: WaitingReceivers;
  /** When its receivers may begin. */
  readonly turns: KeyFrameTurns;
  /** Bits per second of the least that it can be received with; undefined when it brings nothing. */
  readonly least: Recent<number | undefined>;
  /** How often it was mended in vain, or what its sender published in its slot before. */
  readonly renewals: Renewals;
  /** Tells the log when it is mended. */
  readonly mends: MendLog;
}

export interface OpenConsumer {
  readonly transport: OpenTransport;
  readonly handle: EngineHandle<types.Consumer>;
  readonly forwarding: Forwarding;
  readonly keyFrames: KeyFrameLimit;
  readonly track: OpenTrack;
  readonly highest: HighestLayer;
}

/** What is open under the ids that the caller gave. An entry leaves by itself when its handle ends. */
export class OpenMedia<T extends { readonly handle: { readonly ended: boolean; end(): void } }> {
  readonly #what: string;
  readonly #entries = new Map<string, T>();

  constructor(what: string) {
    this.#what = what;
  }

  values(): IterableIterator<T> {
    return this.#entries.values();
  }

  /** What is open under the id, if anything is. */
  find(id: string): T | undefined {
    return this.#entries.get(id);
  }

  /** @throws {ServiceError} `mediaUnavailable` when nothing is open under the id. */
  need(id: string): T {
    const entry = this.#entries.get(id);
    if (!entry) throw mediaUnavailable(`The ${this.#what} is not open.`);
    return entry;
  }

  /** @throws {ServiceError} `mediaUnavailable` when the id is taken. */
  refuseTaken(id: string): void {
    if (this.#entries.has(id)) throw mediaUnavailable(`The ${this.#what} is open already.`);
  }

  add(id: string, entry: T): void {
    if (!entry.handle.ended) this.#entries.set(id, entry);
  }

  /** Removes an entry, unless the id stands for a later one by now. */
  remove(id: string, entry: T): void {
    if (this.#entries.get(id) === entry) this.#entries.delete(id);
  }

  /** Ends what is open under the id; an unknown id is no mistake. */
  end(id: string): void {
    this.#entries.get(id)?.handle.end();
  }
}
