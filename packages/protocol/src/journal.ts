import * as z from 'zod';
import { room } from './shapes.ts';

/** What a record of the journal tells of. */
export const journalKinds = [
  /** The server began or ended its work. */
  'started',
  'stopped',
  /** A member was let in, took up its seat again, is out. */
  'entered',
  'resumed',
  'left',
  /** Somebody with a valid UserSig was refused. */
  'refused',
  /** The permissions in force of a member grew in at least one bit, only shrank, or stayed while their reasons changed. */
  'granted',
  'taken',
  'changed',
  /** A key, a denial or a ban came to its end. */
  'expired',
  /** What an operator did. */
  'denied',
  'kicked',
  'banned',
  'unbanned',
  'dismissed',
  'revoked',
  'application',
  /** What the journal says of itself: old records were deleted as the retention says, or new ones could not be kept. */
  'pruned',
  'lost',
  /** The master key was changed: the codes of earlier records are made with a former key. */
  'keyRotated',
  /** It says again what an older record has said that was deleted and still holds, or what an operator has accepted. */
  'standing',
] as const;
export type JournalKind = (typeof journalKinds)[number];

/** Who brought it about. Records that were written before actors had a type say only a name: nobody knows whose. */
const recordedActor = z.preprocess(
  (written) => (typeof written === 'string' ? { type: 'unknown', id: written } : written),
  z.object({ type: z.enum(['user', 'operator', 'system', 'unknown']), id: z.string().optional() }),
);

const bits = z.tuple([z.int(), z.int()]);

/** A record as operators see it. */
export const journalEntry = z.object({
  /** Its place in the journal, from 1, without gaps. */
  seq: z.int(),
  /** Unix milliseconds. */
  at: z.number(),
  kind: z.string(),
  sdkAppId: z.number().optional(),
  room: room.optional(),
  userId: z.string().optional(),
  /** The stay in the room that it belongs to. */
  memberId: z.string().optional(),
  actor: recordedActor,
  cause: z.string(),
  /** The permission bytes in force before and after. */
  before: z.int().optional(),
  after: z.int().optional(),
  /** The bits, before and after, of the operands that changed. */
  operands: z.record(z.string(), bits).optional(),
  /** SHA-256 of the signed texts of the tickets that it rests on. */
  tickets: z.object({ userSig: z.string().optional(), privateMapKey: z.string().optional() }).optional(),
  details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
  /** Its code in the chain, in hexadecimal digits. */
  code: z.string(),
  /** Tells it from every other one; only what operators do and what ends by itself has one. */
  id: z.string().optional(),
});
export type JournalEntry = z.infer<typeof journalEntry>;

/** Something that the database holds and the records do not lead to, or the other way round. */
export const journalDifference = z.object({
  /** Like `application 7 permissionControl` or `denial 7 n:1 bob`. */
  subject: z.string(),
  /** What the database holds; absent: nothing. */
  database: z.string().optional(),
  /** What the records lead to; absent: to nothing. */
  journal: z.string().optional(),
});
export type JournalDifference = z.infer<typeof journalDifference>;

/** What is wrong with a journal: where it begins, and with `upTo` where it ends. */
export const journalFinding = z.object({
  problem: z.enum([
    /** The record is not what was written at this place. */
    'changed',
    'missing',
    /** The record stands where records were deleted. */
    'added',
    'checkpointForged',
    /** There was a record; the journal ends before it. */
    'cut',
    /** There was another record at this place. */
    'rewritten',
    'anchorUnreadable',
    'anchorForged',
    /** There are records, and no anchor of the server. */
    'unanchored',
  ]),
  seq: z.int(),
  upTo: z.int().optional(),
});
export type JournalFinding = z.infer<typeof journalFinding>;
