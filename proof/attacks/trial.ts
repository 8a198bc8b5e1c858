import { DisobedientClient } from '@roomkey/testkit/disobedient';
import { enough, FlowWindow, type Measured } from '../flow-window.ts';
import type { Row } from '../permission-model.ts';
import type { Stage } from '../stage.ts';
import { Subject } from '../subject.ts';
import { barrage, type Sort } from './barrage.ts';

/** What came of an attack. */
export interface Evidence {
  /** Packets that were sent and must not arrive. */
  readonly sent: number;
  /** Those that did. */
  readonly arrived: number;
  /** Packets of the controls that came through meanwhile. */
  readonly control: number;
  /** Requests that were refused, as they had to be. */
  readonly refused: number;
  readonly problems: readonly string[];
}

/** One attack in a room of its own, and what is found out about it. */
export class Trial {
  readonly stage: Stage;
  readonly subject: Subject;
  readonly #problems: string[] = [];
  readonly #clients: DisobedientClient[] = [];
  #sent = 0;
  #arrived = 0;
  #control = 0;
  #refused = 0;

  constructor(stage: Stage) {
    this.stage = stage;
    this.subject = new Subject(stage);
  }

  get evidence(): Evidence {
    return {
      sent: this.#sent,
      arrived: this.#arrived,
      control: this.#control,
      refused: this.#refused,
      problems: this.#problems,
    };
  }

  /** Another entry of the subject's user, or of anybody. */
  async client(
    byte: number,
    { userId = this.subject.userId, relayed = false } = {},
  ): Promise<DisobedientClient> {
    const { server, pump } = this.stage.world;
    const entry = server.entry({ userId, roomId: this.stage.roomId, byte });
    const client = await DisobedientClient.enter({ url: server.url, entry, pump, relayed });
    this.#clients.push(client);
    await this.stage.joined(client);
    return client;
  }

  /** A request has to be refused with this name. */
  async refused(refusal: string, asked: Promise<unknown>): Promise<void> {
    const came = await asked.then(
      () => 'an answer',
      (error: Error & { readonly refusal?: string }) => error.refusal ?? error.message,
    );
    if (came === refusal) this.#refused++;
    else this.#problems.push(`must be refused with ${refusal}, and there was ${came}`);
  }

  /** As many requests have been refused. */
  countRefused(names: readonly string[]): void {
    const done = names.filter((name) => name === 'done').length;
    this.#refused += names.length - done;
    if (done > 0) this.#problems.push(`${done} of ${names.length} replayed requests were answered`);
  }

  must(held: boolean, what: string): void {
    if (!held) this.#problems.push(what);
  }

  /** What flows between a client and the partner from now on, and what must not. @throws {LackingWindow} */
  async window(flows: (row: Row) => boolean, measured?: Measured): Promise<void> {
    const window = new FlowWindow(this.stage, measured ?? { client: this.subject.client, inside: true });
    const seen = await window.measure(flows).finally(() => window.close());
    for (const row of seen) {
      const { direction, slot, sent, packets, others, control } = row;
      if (flows(row))
        this.must(packets >= enough, `${direction} ${slot} must go on, and ${packets} packets came`);
      else {
        this.#sent += sent;
        this.#arrived += packets + others;
        this.must(
          packets + others === 0,
          `${direction} ${slot}: ${packets + others} of ${sent} packets arrived`,
        );
      }
      this.#control += control;
    }
  }

  /** Sends packets that nobody agreed to, of which none may arrive anywhere. @throws {LackingWindow} */
  async barrage(sorts: readonly Sort[], client = this.subject.client): Promise<void> {
    const { sent, arrived, control } = await barrage(this.stage, client, sorts);
    this.#sent += sent;
    this.#arrived += arrived;
    this.#control += control;
    this.must(arrived === 0, `${arrived} of ${sent} packets arrived`);
  }

  /** Resolves when the media engine has done what it was told before. */
  async confirmed(): Promise<void> {
    await this.stage.bytesFrom(this.stage.partner);
  }

  /** An operator puts the subject out. */
  async kick(): Promise<void> {
    const { admin, sdkAppId } = this.stage.world.server;
    const { roomId } = this.stage;
    await admin.call('member.kick', { sdkAppId, room: { roomId }, userIds: [this.subject.userId] });
  }

  close(): void {
    for (const client of this.#clients) client.close();
    this.subject.close();
    this.stage.close();
  }
}
