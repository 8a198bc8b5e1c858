import type { types } from 'mediasoup';
import type { EngineHandle } from '../engine-handle.ts';
import { LEAST_BITRATE, nextCap, PAGE_BITRATE, probeBitrate } from './link-cap.ts';
import { PageLink } from './page-link.ts';
import { Recent } from './recent.ts';

/** How often a link that was too narrow is looked at until it is believed to be free, in ms. */
const WIDEN_MS = 2_000;
/** The pictures that wait for one link share what is known of it for so long, in ms. */
const RECENT_MS = 500;
/** They share a probe for so long, in ms. */
const SHARED_PROBE_MS = 1_500;

/**
 * The link that the pictures of one transport share. The engine's estimate of it hardly grows while nothing is sent, and when it does, it
 * leaps. So after a picture did not fit, the estimate is capped: it grows by steps, and the engine probes each of them with a few
 * packets that mean nothing.
 */
export class PictureLink {
  /** Whether the pages of screens fit. */
  readonly pages = new PageLink({
    available: () => this.available(),
    probe: (needed) => this.probe(needed),
    after: (ms, job) => this.#transport.after(ms, job),
  });
  readonly #transport: EngineHandle<types.WebRtcTransport>;
  readonly #pictures = new Map<types.Consumer, () => Promise<number>>();
  readonly #available = new Recent(RECENT_MS, async () => {
    const stats = await this.#transport.askIfOpen((engine) => engine.getStats());
    return stats?.[0]?.availableOutgoingBitrate;
  });
  readonly #taken = new Recent(RECENT_MS, () => this.#sum());
  /** What the engine sends whatever its receiver reports, in bit/s. */
  #kept = 0;
  #isConnected = false;
  #isFollowed = false;
  #hearsEstimates = false;
  #isListening = false;
  readonly #connecting = new Set<() => void>();
  readonly #keepers = new Set<object>();
  #cap: number | undefined;
  /** What the engine is told of the two, one thing after the other: each is noted when the engine has taken it. */
  #changes = Promise.resolve();
  #lastProbe = { at: Number.NEGATIVE_INFINITY, needed: 0 };
  #widens = false;

  constructor(transport: EngineHandle<types.WebRtcTransport>) {
    this.#transport = transport;
  }

  /** Whether anything could come over the link yet. Followed from the first picture on. */
  get isConnected(): boolean {
    return this.#isConnected;
  }

  /** Does a job once, when something can come over the link. Returns the undo. */
  whenConnected(job: () => void): () => void {
    this.#connecting.add(job);
    return () => void this.#connecting.delete(job);
  }

  /** A picture that comes over the link from now on, with what it takes at the least, in bit/s. It leaves by itself. */
  add(picture: types.Consumer, least: () => Promise<number>): void {
    this.#follow();
    // A link over which nothing comes tells nothing, so the engine is to send a little whatever its receiver reports.
    if (this.#kept === 0)
      this.#change(async () => {
        if (this.#kept === 0) await this.#setLeast(LEAST_BITRATE);
      });
    this.#pictures.set(picture, least);
    picture.observer.once('close', () => this.#pictures.delete(picture));
  }

  /** Whether several pictures come over it. */
  get isShared(): boolean {
    return this.#pictures.size > 1;
  }

  /** Believes that the link carries pages, whatever its receiver reports, until each who wants that has released it. */
  keep(by: object): void {
    if (this.#keepers.size === 0) {
      this.#change(() => this.#setCap(undefined));
      this.#change(() => this.#setLeast(PAGE_BITRATE));
    }
    this.#keepers.add(by);
  }

  release(by: object): void {
    if (!this.#keepers.delete(by) || this.#keepers.size > 0) return;
    this.#change(() => this.#setLeast(LEAST_BITRATE));
    this.#hearEstimates();
  }

  /** What the link is believed to carry of pictures, in bit/s; undefined without an estimate. */
  available(): Promise<number | undefined> {
    return this.#available.get();
  }

  /** What the pictures that flow take of it at the least, in bit/s: the engine gives each as much before it gives any more. */
  taken(): Promise<number> {
    return this.#taken.get();
  }

  /** Has the engine find out whether the link carries so much of pictures, in bit/s. When several ask at about the same time, the least counts. */
  probe(needed: number): void {
    const now = performance.now();
    if (now - this.#lastProbe.at < SHARED_PROBE_MS && needed >= this.#lastProbe.needed) return;
    this.#lastProbe = { at: now, needed };
    // The engine probes when the cap is another one.
    this.#change(() => this.#setCap(probeBitrate(needed, this.#cap)));
    this.#widenLater();
  }

  /** What the engine does not take changes nothing. */
  #change(change: () => Promise<void>): void {
    this.#changes = this.#changes.then(change).catch(() => {});
  }

  async #setLeast(bitrate: number): Promise<void> {
    if (bitrate === this.#kept) return;
    await this.#transport.askIfOpen((engine) => engine.setMinOutgoingBitrate(bitrate));
    this.#kept = bitrate;
  }

  async #sum(): Promise<number> {
    const flowing = [...this.#pictures].filter(([picture]) => picture.currentLayers);
    const bitrates = await Promise.all(flowing.map(([_, least]) => least()));
    return bitrates.reduce((sum, bitrate) => sum + bitrate, 0);
  }

  /** The engine takes no cap below what it is to send in any case. */
  async #setCap(wanted: number | undefined): Promise<void> {
    const cap = wanted && Math.max(wanted, this.#kept);
    if (cap === this.#cap) return;
    await this.#transport.askIfOpen((engine) => engine.setMaxOutgoingBitrate(cap ?? 0));
    this.#cap = cap;
  }

  #widenLater(): void {
    if (this.#widens) return;
    this.#widens = true;
    this.#transport.after(WIDEN_MS, () => {
      this.#widens = false;
      this.#widen().catch(() => {});
    });
  }

  async #widen(): Promise<void> {
    const available = await this.available();
    if (available === undefined || this.#cap === undefined) return;
    const cap = nextCap(this.#cap, available);
    this.#change(() => this.#setCap(cap));
    if (cap !== undefined) this.#widenLater();
  }

  /** Before the first page has come the engine knows little. It tells every second, as long as there is a screen that wants to know. */
  #hearEstimates(): void {
    if (this.#hearsEstimates || !this.pages.hasScreens) return;
    this.#hearsEstimates = true;
    const follow = async (engine: types.WebRtcTransport) => {
      if (!this.#isListening) engine.on('trace', ({ info }) => this.#estimated(engine, info));
      this.#isListening = true;
      await engine.enableTraceEvent(['bwe']);
    };
    this.#transport.askIfOpen(follow).catch(() => {});
  }

  #estimated(engine: types.WebRtcTransport, info: unknown): void {
    this.pages.heard((info as { readonly availableBitrate: number }).availableBitrate);
    if (this.pages.hasScreens) return;
    this.#hearsEstimates = false;
    engine.enableTraceEvent([]).catch(() => {});
  }

  /** Notes when the transport is connected, which it then stays as long as it lives. */
  #follow(): void {
    if (this.#isFollowed) return;
    this.#isFollowed = true;
    const follow = async ({ dtlsState, observer }: types.WebRtcTransport) => {
      const look = (state: types.DtlsState) => {
        if (state !== 'connected') return;
        this.#isConnected = true;
        for (const job of this.#connecting) job();
        this.#connecting.clear();
      };
      look(dtlsState);
      observer.on('dtlsstatechange', look);
    };
    this.#transport.askIfOpen(follow).catch(() => {});
  }
}
