import { type ErrorName, type JournalKind, ServiceError } from '@roomkey/protocol';
import type { Actor, OperandName } from '@roomkey/tickets/permissions';

/** One thing that happened, as it is kept. Nothing in it is a secret: a ticket is named by its fingerprint. */
export interface JournalRecord {
  /** Tells it from every other one. Only records of what operators do, and of what ends by itself, have one. */
  readonly id?: string | undefined;
  /** Unix milliseconds. */
  readonly at: number;
  readonly kind: JournalKind;
  readonly sdkAppId?: number | undefined;
  /** Room key text. */
  readonly room?: string | undefined;
  readonly userId?: string | undefined;
  /** The stay in the room that it belongs to. */
  readonly memberId?: string | undefined;
  /** Who brought it about. */
  readonly actor: Actor;
  readonly cause: string;
  /** The permission bytes in force before and after. */
  readonly before?: number | undefined;
  readonly after?: number | undefined;
  /** The bits, before and after, of the operands that changed. */
  readonly operands?: Readonly<Partial<Record<OperandName, readonly [number, number]>>> | undefined;
  /** SHA-256 of the signed texts of the tickets that it rests on. */
  readonly tickets?: TicketFingerprints | undefined;
  /** What else belongs to it. */
  readonly details?: Readonly<Record<string, string | number | boolean>> | undefined;
}

/** A record that is known by its id, so that it gets into the journal once, however often it is handed over. */
export type NamedRecord = JournalRecord & { readonly id: string };

/** The tickets that a decision rests on, by their fingerprints. */
export interface TicketFingerprints {
  readonly userSig?: string | undefined;
  readonly privateMapKey?: string | undefined;
}

/** A record that is on its way to the disk. */
export interface Recording {
  /** Resolves when the record is on disk. Rejects when the disk refuses the record or takes seconds; it is tried again then. */
  readonly inTime: Promise<void>;
  /** Resolves when the record is on disk, however long that takes; never rejects. */
  readonly atLast: Promise<void>;
}

/**
 * Where the records of what happened outlive the process. It is no listener of events: a grant waits until its record is on disk,
 * and nothing waits for a listener. They are kept in the order in which they were handed over. A record that
 * the disk refuses is tried again until it is kept. No call waits or throws.
 */
export interface Journal {
  /** Whether records are being kept. While they are not, nobody is let in. */
  readonly available: boolean;
  /**
   * Why the record of one more grant, to a user of an application if one is named, cannot be taken; undefined: it can. While it
   * cannot, what a member or an operator asks for and would give something is refused for this cause before anything changes.
   */
  grantRefusal(of?: Pick<JournalRecord, 'sdkAppId' | 'userId'>): ErrorName | undefined;
  /** Takes the record of a grant, and never loses it. The caller grants nothing before the record is on disk. */
  appendGrant(record: JournalRecord): Recording;
  /**
   * Takes the record of anything else. Nothing waits for it. While too many records wait, it is counted and lost. A `NamedRecord` is not:
   * it gets into the journal later, from the store that it was saved in with its change, or by {@link secure}.
   */
  append(record: JournalRecord): void;
  /**
   * Resolves when records that were handed over before are on disk: in the journal or, while that refuses, in the store, from
   * where they get into the journal later. Rejects when neither takes them.
   */
  secure(records: readonly NamedRecord[]): Promise<void>;
}

/**
 * Waits until the records of grants are on disk.
 *
 * @throws {ServiceError} `journalUnavailable` when one is not. What it grants stays closed until it is.
 */
export async function recorded(recordings: Iterable<Recording | undefined>): Promise<void> {
  try {
    await Promise.all([...recordings].map((recording) => recording?.inTime));
  } catch (cause) {
    throw new ServiceError('journalUnavailable', undefined, { cause });
  }
}
