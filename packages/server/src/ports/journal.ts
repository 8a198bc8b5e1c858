import { type JournalKind, ServiceError } from '@roomkey/protocol';
import type { OperandName } from '@roomkey/tickets/permissions';

/** One thing that happened, as it is kept. Nothing in it is a secret: a ticket is named by its fingerprint. */
export interface JournalRecord {
  /** Unix milliseconds. */
  readonly at: number;
  readonly kind: JournalKind;
  readonly sdkAppId?: number | undefined;
  /** Room key text. */
  readonly room?: string | undefined;
  readonly userId?: string | undefined;
  /** The stay in the room that it belongs to. */
  readonly memberId?: string | undefined;
  /** Who brought it about: a user id, `system`, or who administers. */
  readonly actor: string;
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
  /** Takes the record of a grant. The caller grants nothing before the record is on disk. */
  appendGrant(record: JournalRecord): Recording;
  /** Takes the record of anything else. Nothing waits for it. */
  append(record: JournalRecord): void;
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
