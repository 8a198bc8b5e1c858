import { DisobedientClient, WireRefusal } from '@roomkey/testkit/disobedient';
import type { Cell, CellPlace } from './cell.ts';
import { FlowWindow, LackingWindow } from './flow-window.ts';
import { type Fault, MemberModel } from './member-model.ts';
import { rows } from './permission-model.ts';
import type { Stage } from './stage.ts';
import type { EntryWish, Steps } from './steps.ts';

/** Packets of everything that flows before a change counts as one. */
const SETTLED = 3;

/**
 * The member whose permissions are changed. Each step is taken at the server and in two models: the right one says what
 * has to flow, and the one with the server's fault, if it has one, what will.
 */
export class Subject implements Steps {
  readonly userId: string;
  readonly #stage: Stage;
  readonly #live: boolean;
  readonly #right = new MemberModel();
  readonly #real: MemberModel;
  readonly #models: readonly MemberModel[];
  #client: DisobedientClient | undefined;
  /** A client that is out and goes on sending. */
  #ghost: DisobedientClient | undefined;

  constructor(stage: Stage, { live = false, fault = {} }: { live?: boolean; fault?: Fault } = {}) {
    this.userId = `subject-${stage.roomId}`;
    this.#stage = stage;
    this.#live = live;
    this.#real = new MemberModel(fault);
    this.#models = [this.#right, this.#real];
  }

  /** The member's client. @throws {LackingWindow} when it is out */
  get client(): DisobedientClient {
    if (!this.#client) throw new LackingWindow(`${this.userId} is not inside`);
    return this.#client;
  }

  async enter(
    byte: number,
    { relayed, confirms, revocable = false, ...tickets }: EntryWish = {},
  ): Promise<void> {
    for (const model of this.#models) model.enter(byte, { live: this.#live, revocable });
    const { server, pump } = this.#stage.world;
    const signed = server.entry({ userId: this.userId, roomId: this.#stage.roomId, byte, ...tickets });
    const entry = this.#live ? { ...signed, scene: 'live' as const } : signed;
    const client = await accepted(
      DisobedientClient.enter({ url: server.url, entry, pump, relayed, confirms }),
    );
    if (!client) return;
    this.#client?.close();
    this.#client = client;
    await this.#stage.joined(client);
  }

  /** Leaves; what it was goes on sending. */
  async leave(): Promise<void> {
    for (const model of this.#models) model.leave();
    await this.client.wire.ask('exit', {});
    // Who leaves by itself is promised nothing: the answer does not wait for the media engine, this does.
    await this.#stage.bytesFrom(this.#stage.partner);
    this.#goOut();
  }

  /** An operator puts it out, if it is inside; what it was goes on sending. */
  async kick(): Promise<void> {
    for (const model of this.#models) model.leave();
    if (!this.#client) return;
    const { admin, sdkAppId } = this.#stage.world.server;
    const { roomId } = this.#stage;
    await admin.call('member.kick', { sdkAppId, room: { roomId }, userIds: [this.userId] });
    this.#goOut();
  }

  async updatePrivateMapKey(byte: number, expiresAt?: number, issuedAt?: number): Promise<void> {
    for (const model of this.#models) model.updatePrivateMapKey(byte);
    const privateMapKey = this.#key(byte, expiresAt, issuedAt);
    await accepted(this.client.wire.ask('updatePrivateMapKey', { privateMapKey }));
  }

  async switchRole(role: 'anchor' | 'audience', byte: number): Promise<void> {
    for (const model of this.#models) model.switchRole(role, byte);
    await accepted(this.client.wire.ask('switchRole', { role, privateMapKey: this.#key(byte) }));
  }

  async changeAuthority(byte: number): Promise<void> {
    for (const model of this.#models) model.changeAuthority(byte);
    await accepted(this.client.wire.ask('changeAuthority', { authBits: byte }));
  }

  /** An operator takes exactly the bits of a byte, and gives the others back. */
  async deny(byte: number): Promise<void> {
    for (const model of this.#models) model.deny(byte);
    const { admin, sdkAppId } = this.#stage.world.server;
    const { roomId } = this.#stage;
    const users = { only: [this.userId] };
    await admin.call('member.setDenied', { sdkAppId, room: { roomId }, users, mask: 255, value: byte });
  }

  /** The tickets that were signed up to a second are void. */
  async revoke(before: number): Promise<void> {
    for (const model of this.#models) model.revoke();
    const { client } = this;
    const { admin, sdkAppId, plane } = this.#stage.world.server;
    await admin.call('tickets.revoke', { sdkAppId, tickets: { userId: this.userId }, before });
    const inside = await plane.transportBytes(client.transportIds.send).catch(() => undefined);
    if (inside === undefined) this.#goOut();
  }

  async breakConnection(): Promise<void> {
    this.client.breakConnection();
  }

  async resume(): Promise<void> {
    for (const model of this.#models) model.resume();
    const { url, sdkAppId } = this.#stage.world.server;
    await this.client.resume({ url, entry: { sdkAppId, roomId: this.#stage.roomId } });
  }

  /** The worker of the room dies and is replaced; resolves when everybody's media is back. */
  async loseWorker(): Promise<void> {
    for (const model of this.#models) model.loseWorker();
    await this.#stage.loseWorker(this.client);
  }

  /** The key that is carried, with `expiresAt` as its last second, expires. */
  async expire(expiresAt: number): Promise<void> {
    if (Date.now() >= (expiresAt + 1) * 1000) throw new LackingWindow('the key expired too early');
    const before = rows.map((row) => this.#real.flows(row));
    for (const model of this.#models) model.expire();
    const changes = rows.some((row, index) => this.#real.flows(row) !== before[index]);
    const { client } = this;
    const told = new Promise<void>((resolve) => {
      client.onNotice = ({ method }) => {
        if (method === 'permissionChanged') resolve();
      };
    });
    await sleep((expiresAt + 1) * 1000 + 50 - Date.now());
    if (changes) await Promise.race([told, sleep(3000)]);
    // The notice does not wait for the media engine; this does.
    await this.#stage.bytesFrom(client);
  }

  /** Asks for everything, and waits until everything flows that will. @throws {LackingWindow} */
  async settle(): Promise<void> {
    const window = new FlowWindow(this.#stage, { client: this.client, inside: true });
    const insisted = this.client.insist([this.#stage.partner.userId]);
    const flowing = window.settled((row) => this.#real.flows(row), SETTLED);
    const [settled] = await Promise.all([flowing, insisted]).finally(() => window.close());
    if (!settled) throw new LackingWindow('the start of a change was not reached');
  }

  /** Sees what flows from now on, whatever the member asks for. @throws {LackingWindow} */
  async observe(place: CellPlace): Promise<Cell[]> {
    const client = this.#client ?? this.#ghost;
    if (!client) throw new LackingWindow(`${this.userId} has never been inside`);
    const window = new FlowWindow(this.#stage, { client, inside: client === this.#client });
    const insisted = client.insist([this.#stage.partner.userId]);
    const measured = window.measure((row) => this.#real.flows(row));
    const [flows] = await Promise.all([measured, insisted]).finally(() => window.close());
    return flows.map((flow) => ({ ...place, ...flow, expected: this.#right.flows(flow) }));
  }

  /** What is out sends no more. */
  dropGhost(): void {
    this.#ghost?.close();
    this.#ghost = undefined;
  }

  close(): void {
    this.dropGhost();
    this.#client?.close();
  }

  #goOut(): void {
    this.dropGhost();
    this.#ghost = this.#client;
    this.#client = undefined;
  }

  #key(byte: number, expiresAt?: number, issuedAt?: number): string {
    const { userId } = this;
    const { roomId, world } = this.#stage;
    return world.server.privateMapKey({ userId, roomId, byte, expiresAt, issuedAt });
  }
}

/** The answer, or undefined for a refusal: what follows from it is seen in the packets. */
async function accepted<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof WireRefusal) return undefined;
    throw error;
  }
}

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, Math.max(0, ms)));
