import type { StoredApplication, StoredRestrictions } from '../../ports/index.ts';
import type { JournalRow } from './chain.ts';

/** What holds of one subject, and until when (unix milliseconds); without an end for good. */
export interface Held {
  readonly value: string;
  /** By whom, since when and why, where that is known: older records do not say it of everything. */
  readonly by?: string | undefined;
  readonly end?: number | undefined;
  /** The number of the record that says so; 0: the database says so. */
  readonly seq: number;
}

/** A record, as far as it says what operators have brought about. */
interface Said {
  readonly actor?: unknown;
  readonly cause?: unknown;
  readonly operands?: { readonly denied?: readonly [number, number] };
  readonly details?: Readonly<Record<string, string | number | boolean>>;
}

/**
 * What operators have brought about, by subject, like `application 7 permissionControl` or `denial 7 n:1 bob`: as records say it
 * one after another, or as the stores hold it.
 */
export class OperatedState {
  readonly #held = new Map<string, Held>();
  /** The numbers of the last records of subjects that are no more. */
  readonly #gone = new Map<string, number>();
  /** The numbers of records that were passed over because what they say again had changed meanwhile. */
  readonly #passedOver = new Map<string, number>();

  /** Adds an application as the store holds it. */
  keepApplication(application: StoredApplication): void {
    const { sdkAppId, keys, roomControls, createdAt, version, ...settings } = application;
    for (const [name, value] of Object.entries(settings))
      this.#keep(`application ${sdkAppId} ${name}`, value);
    for (const { keyId, state } of keys) this.#keep(`application ${sdkAppId} key ${keyId}`, state);
    for (const [room, control] of roomControls) this.#keep(`application ${sdkAppId} room ${room}`, control);
  }

  /** Adds restrictions as the store holds them. */
  keepRestrictions({ denials, bans, revocations }: Omit<StoredRestrictions, 'floors'>): void {
    for (const { sdkAppId, room, userId, mask, version, expiresAt, ...by } of denials) {
      const value = denialValue(mask, version, expiresAt);
      this.#keep(`denial ${sdkAppId} ${room} ${userId}`, value, { by: decision(by), end: expiresAt });
    }
    for (const { sdkAppId, room, userId, until, ...by } of bans)
      this.#keep(`ban ${sdkAppId} ${room ?? '*'} ${userId}`, until, { by: decision(by), end: until });
    for (const { sdkAppId, target, at, ...by } of revocations)
      this.#keep(`revocation ${sdkAppId} ${target}`, at, { by: decision(by) });
  }

  /** Follows one more record. What cannot be read says nothing. */
  follow({ seq, at, kind, sdkAppId, room, userId, body }: JournalRow): void {
    const read = said(body);
    if (!read) return;
    const { actor, cause, operands, details = {} } = read;
    const set = (subject: string, value: unknown, by: string | undefined, end?: unknown) => {
      this.#set(subject, { value: String(value), by, end: end === undefined ? undefined : Number(end), seq });
    };
    const by = decision({ actor, cause, since: at });
    const application = `application ${sdkAppId}`;
    const denial = `denial ${sdkAppId} ${room} ${userId}`;
    const ban = `ban ${sdkAppId} ${room ?? '*'} ${userId}`;
    if (kind === 'application') this.#application(application, String(cause), room, details, seq);
    else if (kind === 'denied') {
      const { version, expiresAt, since, decidedBefore } = details;
      const decided = decidedBefore ? this.#held.get(denial)?.by : decision({ actor, cause, since });
      set(denial, denialValue(operands?.denied?.[1], version, expiresAt), decided, expiresAt);
    } else if (kind === 'banned') set(ban, details['until'], by, details['until']);
    else if (kind === 'unbanned') this.#end(ban, seq);
    else if (kind === 'expired') this.#end(details['ended'] === 'ban' ? ban : denial, seq);
    else if (kind === 'revoked') {
      const target = { application: 'a', user: `u:${userId}`, room: `r:${room}` }[String(details['tickets'])];
      set(`revocation ${sdkAppId} ${target}`, details['before'], by);
    } else if (kind === 'standing') this.#standing(details, seq);
  }

  /** The subjects of which something holds, or has ended by itself. */
  get subjects(): Iterable<string> {
    return this.#held.keys();
  }

  /** What holds of a subject at a time, unix milliseconds. */
  at(subject: string, now: number): Held | undefined {
    const held = this.#held.get(subject);
    return held && (held.end ?? Number.POSITIVE_INFINITY) > now ? held : undefined;
  }

  /** The number of the last record about a subject that holds or has ended, whether it was followed or passed over. */
  lastOf(subject: string): number {
    return this.#passedOver.get(subject) ?? this.#held.get(subject)?.seq ?? this.#gone.get(subject) ?? 0;
  }

  /** The subjects that ended up to a number, of which a later record that was passed over says that they hold. */
  *endedBefore(upTo: number): Iterable<string> {
    for (const [subject, seq] of this.#passedOver)
      if (seq > upTo && (this.#gone.get(subject) ?? seq) <= upTo) yield subject;
  }

  #keep(subject: string, value: unknown, { by, end }: { by?: string | undefined; end?: number } = {}): void {
    this.#held.set(subject, { value: String(value), by, end, seq: 0 });
  }

  #application(
    application: string,
    cause: string,
    room: string | null,
    { keyId, state, ...settings }: NonNullable<Said['details']>,
    seq: number,
  ): void {
    const set = (subject: string, value: unknown) => {
      this.#set(subject, { value: String(value), seq });
    };
    if (cause === 'create' || cause === 'addKey') set(`${application} key ${keyId}`, 'active');
    else if (cause === 'setKeyState') set(`${application} key ${keyId}`, state);
    const ofRoom = `${application} room ${room}`;
    if (cause === 'setRoomControl') set(ofRoom, settings['permissionControl']);
    if (cause === 'clearRoomControl') this.#end(ofRoom, seq);
    if (cause !== 'create' && cause !== 'set') return;
    for (const [name, value] of Object.entries(settings)) set(`${application} ${name}`, value);
  }

  /** A record that says again what an older one, with the number `of`, has said; of an earlier time than what came meanwhile. */
  #standing({ subject, value, by, end, of }: NonNullable<Said['details']>, seq: number): void {
    const name = String(subject);
    const last = this.#held.get(name)?.seq ?? this.#gone.get(name) ?? 0;
    if (last > Number(of)) {
      this.#passedOver.set(name, seq);
      return;
    }
    if (value === undefined) this.#end(name, seq);
    else
      this.#set(name, {
        value: String(value),
        by: by === undefined ? undefined : String(by),
        end: end === undefined ? undefined : Number(end),
        seq,
      });
  }

  #set(subject: string, held: Held): void {
    this.#held.set(subject, held);
    this.#gone.delete(subject);
    this.#passedOver.delete(subject);
  }

  #end(subject: string, seq: number): void {
    this.#held.delete(subject);
    this.#gone.set(subject, seq);
    this.#passedOver.delete(subject);
  }
}

const denialValue = (mask: unknown, version: unknown, expiresAt: unknown): string =>
  `mask ${mask}, version ${version}, until ${expiresAt}`;

/** By whom, since when and why, in one text that is the same only if all of it is; undefined where a part is not known. */
function decision(by: {
  readonly actor: unknown;
  readonly cause: unknown;
  readonly since: unknown;
}): string | undefined {
  const { type, id } = Object(by.actor);
  if (typeof type !== 'string' || typeof by.since !== 'number') return undefined;
  const actor = id === undefined ? type : `${type} ${JSON.stringify(id)}`;
  return `by ${actor} since ${by.since} because ${JSON.stringify(by.cause)}`;
}

function said(body: string): Said | undefined {
  try {
    return Object(JSON.parse(body));
  } catch {
    return undefined;
  }
}
