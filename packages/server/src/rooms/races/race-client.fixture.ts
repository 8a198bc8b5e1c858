import type { MemberWire, Notice } from '@roomkey/protocol';
import type { RecordingLink, TestMember } from '@roomkey/testkit';
import { permissionsOf, type Slot } from '@roomkey/tickets/permissions';
import { expect } from 'vitest';
import { seenOf } from './room-model.fixture.ts';

/** What a client knows of its room, from all that it was told over one connection. */
export class RaceClient {
  readonly member: TestMember;
  /** The connection, and the one over which the seat was entered. */
  readonly connection: string;
  readonly entry: string;
  readonly #consumers = new Set<string>();
  /** Those whom it sees, with their tracks. */
  readonly #others = new Map<string, Map<string, Slot>>();
  #effective: number;
  #seq: number;
  #read = 0;

  constructor(member: TestMember, connection: string, entry: string) {
    this.member = member;
    this.connection = connection;
    this.entry = entry;
    const { result } = member;
    this.#effective = result.explanation.effective;
    this.#seq = result.seq;
    for (const other of result.members) this.#see(other);
    if ('consumers' in result) for (const { consumerId } of result.consumers) this.#consumers.add(consumerId);
  }

  get user(): string {
    return this.member.userId;
  }

  get memberId(): string {
    return this.member.result.memberId;
  }

  get link(): RecordingLink {
    return this.member.link;
  }

  /** The permissions that it knows to have. */
  get permissions(): string[] {
    return permissionsOf(this.#effective);
  }

  /** Whom it sees, and what they send. */
  get sees(): string[] {
    return [...this.#others].flatMap(([user, tracks]) => seenOf(user, tracks.values())).sort();
  }

  /** The consumers that it knows of. */
  get receives(): string[] {
    return [...this.#consumers].sort();
  }

  /** Reads what it was told since it was read last. */
  read(): void {
    const { notices } = this.link;
    for (; this.#read < notices.length; this.#read++) this.#hear(notices[this.#read] as Notice);
  }

  #hear({ method, params }: Notice): void {
    if ('seq' in params) {
      expect(params.seq, 'the number of an event').toBeGreaterThan(this.#seq);
      this.#seq = params.seq;
    }
    switch (method) {
      case 'permissionChanged':
        this.#effective = params.after;
        return;
      case 'memberEntered':
        this.#see(params.member);
        return;
      case 'memberLeft':
        this.#others.delete(params.userId);
        return;
      case 'trackAdded':
        this.#others.get(params.userId)?.set(params.track.trackId, params.track.slot);
        return;
      case 'trackRemoved':
        this.#others.get(params.userId)?.delete(params.trackId);
        return;
      case 'consumerOpened':
        this.#consumers.add(params.consumerId);
        return;
      case 'consumerClosed':
        this.#consumers.delete(params.consumerId);
        return;
      default:
    }
  }

  #see({ userId, tracks }: MemberWire): void {
    this.#others.set(userId, new Map(tracks.map(({ trackId, slot }) => [trackId, slot])));
  }
}
