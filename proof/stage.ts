import { DisobedientClient, type Pump } from '@roomkey/testkit/disobedient';
import type { ProofServer } from './proof-server.ts';
import type { WorkerDeaths } from './worker-deaths.ts';

/** Where a stage is set up. */
export interface World {
  readonly server: ProofServer;
  readonly pump: Pump;
  /** Where the worker dies now and then. */
  readonly deaths?: WorkerDeaths;
}

/**
 * A room with a partner in it who may do everything: it sends in all four slots and receives everything. Beside what the
 * room knows, each client sends one more stream, the control, which is opened at the media plane itself: nobody's bits
 * forbid it, so it shows that the transports really carry packets.
 */
export class Stage {
  readonly world: World;
  readonly roomId: number;
  readonly partner: DisobedientClient;

  private constructor(world: World, roomId: number, partner: DisobedientClient) {
    this.world = world;
    this.roomId = roomId;
    this.partner = partner;
  }

  static async open(world: World, { live = false } = {}): Promise<Stage> {
    const { server, pump } = world;
    const roomId = server.newRoom();
    const tickets = server.entry({ userId: `partner-${roomId}`, roomId, byte: 255 });
    const entry = live ? { ...tickets, scene: 'live' as const } : tickets;
    const partner = await DisobedientClient.enter({ url: server.url, entry, pump });
    const stage = new Stage(world, roomId, partner);
    await stage.#ready();
    return stage;
  }

  /** Somebody has entered: its control goes to the partner, and the partner's to it. */
  async joined(client: DisobedientClient): Promise<void> {
    await this.#openControl(client);
    await Promise.all([this.#hearControl(client, this.partner), this.#hearControl(this.partner, client)]);
  }

  /** The worker of the room dies; resolves when the partner and a client are back. */
  async loseWorker(client: DisobedientClient): Promise<void> {
    await this.world.deaths?.next();
    await Promise.all([this.partner.comeBack(), client.comeBack()]);
    await this.#ready();
    await this.joined(client);
  }

  /** The bytes that the server's transport of a client's sending half has received. */
  bytesFrom(client: DisobedientClient): Promise<number> {
    return this.world.server.plane.transportBytes(client.transportIds.send);
  }

  close(): void {
    this.partner.close();
  }

  /** The partner sends everything, and hears its own control. */
  async #ready(): Promise<void> {
    await this.#openControl(this.partner);
    await this.#hearControl(this.partner, this.partner);
    await this.partner.insist([]);
  }

  async #openControl(from: DisobedientClient): Promise<void> {
    const { plane } = this.world.server;
    const trackId = controlOf(from);
    const rtpParameters = from.parametersOf('control');
    const transportId = from.transportIds.send;
    await plane.openTrack({ trackId, transportId, kind: 'audio', slot: 'microphone', rtpParameters });
    await plane.setTrackPaused(trackId, false);
  }

  async #hearControl(from: DisobedientClient, at: DisobedientClient): Promise<void> {
    const { plane } = this.world.server;
    const consumerId = `${controlOf(from)} for ${at.transportIds.recv}`;
    await plane.openConsumer({
      consumerId,
      transportId: at.transportIds.recv,
      trackId: controlOf(from),
      rtpCapabilities: plane.rtpCapabilities,
    });
    await plane.resumeConsumer(consumerId);
  }
}

/** The id of the control track of a client. Another one with every transport: the media plane takes no id twice. */
export const controlOf = ({ who, transportIds }: DisobedientClient): string =>
  `control ${who} of ${transportIds.send}`;
