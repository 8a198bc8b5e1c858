import * as z from 'zod';
import { journalDifference, journalEntry, journalFinding, journalKinds } from './journal.ts';
import { actor, explanation, permission, role, room, scene, slot } from './shapes.ts';

/** How an application checks the PrivateMapKey: not at all, only reporting what it would refuse, or really. */
const permissionControl = z.enum(['off', 'observe', 'enforce']);

/** `active` verifies; `retired` verifies nothing new; `compromised` is that for good, and what it signed counts no more. */
const keyState = z.enum(['active', 'retired', 'compromised']);

const settings = z.strictObject({
  name: z.string(),
  permissionControl,
  expiryPolicy: z.enum(['keep', 'demote', 'remove']),
  staleKeyPolicy: z.enum(['remove', 'refuse']),
  duplicatePolicy: z.enum(['replace', 'refuse']),
  maxMembersPerRoom: z.number(),
  maxRooms: z.number(),
  lingerSeconds: z.number(),
  graceSeconds: z.number(),
});

const application = z.object({
  sdkAppId: z.number(),
  /** Unix milliseconds. */
  createdAt: z.number(),
  settings,
  /** In the order in which they were added; never with the secret. */
  keys: z.array(z.object({ keyId: z.string(), state: keyState, createdAt: z.number() })),
  /** How many rooms have a permission control of their own. */
  roomControls: z.number(),
});
/** An application as operators see it: without its secrets. */
export type ApplicationView = z.infer<typeof application>;

/** A key just added. `secret` is there only when the server made it, and never again after. */
const newKey = z.object({ keyId: z.string(), secret: z.string().optional() });
export type NewKey = z.infer<typeof newKey>;

const sdkAppId = z.number();
const secret = z.string().max(1024).optional();
const page = { after: z.string().max(256).optional(), limit: z.int().min(1).max(1000).default(100) };
const nothing = z.strictObject({});

const userId = z.string().max(64);
const userIds = z.array(userId).max(10_000);
/** Why an operator does something: 1 to 64 printable characters; default `operator`. */
const cause = z.string().max(256).optional();
/** How long something holds; default a day. */
const seconds = z.number().optional();
const next = z.string().optional();
/** By whom, why and since when (unix milliseconds). */
const decision = { actor, cause: z.string(), since: z.number() };

const roomView = z.object({ sdkAppId, room, members: z.int(), tracks: z.int() });

const member = z.object({
  userId,
  scene,
  role,
  /** The slots in which the member sends. */
  slots: z.array(slot),
  /** Of the member's denial; 0: there is none. */
  version: z.int(),
  explanation,
  /** Where keys are only observed: what `enforce` would make of this one. */
  observed: z
    .object({
      /** It would be refused; a name of the error table. */
      refusal: z.string().optional(),
      /** Else what it would leave, as a byte, */
      effective: z.int().optional(),
      /** and what the member has now beyond that. */
      lacks: z.array(permission),
    })
    .optional(),
});

const denial = z.object({
  room,
  userId,
  /** The permissions taken, as a byte; 0 once all were given back. */
  mask: z.int(),
  /** Rises with every change; the `expectedVersion` of the next one. */
  version: z.int(),
  ...decision,
  /** Unix milliseconds. */
  expiresAt: z.number(),
});

const ban = z.object({
  /** Absent: every room of the application. */
  room: room.optional(),
  userId,
  ...decision,
  /** Unix milliseconds. */
  until: z.number(),
});

/** How long the members of a room were on each tier on one day (UTC), all of them together, in milliseconds. */
const dayUsage = z.object({
  day: z.string(),
  sdkAppId: z.number(),
  room,
  core: z.number(),
  outer: z.number(),
});
export type DayUsageView = z.infer<typeof dayUsage>;

/** Behind which row a page of usage begins; what `room` is there is for the server alone. */
const usagePlace = z.strictObject({ day: z.iso.date(), sdkAppId, room: z.string().max(512) });

const tickets = z.union([z.literal('application'), z.strictObject({ userId }), z.strictObject({ room })]);
const revocation = z.object({
  tickets,
  /** Tickets signed up to this second (unix) are revoked. */
  before: z.int(),
  ...decision,
});

/** Every request of the admin socket. A page begins behind `after`; `next` is the `after` of the next page. */
export const adminMethods = {
  /** What is running; answered by the server alone. */
  'server.status': {
    params: nothing,
    result: z.object({
      version: z.string(),
      pid: z.number(),
      url: z.string(),
      /** Unix milliseconds. */
      startedAt: z.number(),
      rooms: z.number(),
      members: z.number(),
    }),
  },
  /** Makes an application with one key; without `sdkAppId` and `secret` the server chooses them. */
  'app.create': {
    params: z.strictObject({ sdkAppId: sdkAppId.optional(), settings: settings.partial(), secret }),
    result: z.object({ application, key: newKey }),
  },
  'app.list': {
    params: z.strictObject(page),
    result: z.object({ applications: z.array(application), next: z.string().optional() }),
  },
  'app.show': {
    params: z.strictObject({ sdkAppId }),
    result: z.object({
      application,
      /** The members whose keys are only observed at this moment, as `enforce` would have them; only with a server, and when there are any. */
      observed: z
        .object({
          members: z.int(),
          /** How many would be refused, by name of the error table. */
          refused: z.record(z.string(), z.int()),
          /** How many would go without a permission that they have now. */
          lacking: z.partialRecord(permission, z.int()),
        })
        .optional(),
    }),
  },
  'app.set': {
    params: z.strictObject({ sdkAppId, settings: settings.partial() }),
    result: z.object({ application }),
  },
  'app.addKey': {
    params: z.strictObject({ sdkAppId, secret }),
    result: z.object({ application, key: newKey }),
  },
  'app.setKeyState': {
    params: z.strictObject({ sdkAppId, keyId: z.string().max(64), state: keyState }),
    result: z.object({ application }),
  },
  /** Gives one room a permission control of its own, which outlives the room. */
  'app.setRoomControl': {
    params: z.strictObject({ sdkAppId, room, permissionControl }),
    result: z.object({ application }),
  },
  /** Lets a room follow its application again. */
  'app.clearRoomControl': {
    params: z.strictObject({ sdkAppId, room }),
    result: z.object({ application }),
  },
  'app.listRoomControls': {
    params: z.strictObject({ sdkAppId, ...page }),
    result: z.object({
      roomControls: z.array(z.object({ room, permissionControl })),
      next: z.string().optional(),
    }),
  },
  /** The rooms that exist, of one application or of all; answered by the server alone, like all of `room`. */
  'room.list': {
    params: z.strictObject({ sdkAppId: sdkAppId.optional(), ...page }),
    result: z.object({ rooms: z.array(roomView), next }),
  },
  /** A room with a page of its members by user id, and why each may do what it may do. */
  'room.show': {
    params: z.strictObject({ sdkAppId, room, ...page }),
    result: z.object({
      room: roomView,
      members: z.array(member),
      next,
    }),
  },
  /** Sends everybody out and ends the room. */
  'room.dismiss': {
    params: z.strictObject({ sdkAppId, room, cause }),
    result: z.object({ members: z.int() }),
  },
  /** One user in one room: inside, and what operators took from it. Without a server what operators took alone. */
  'member.show': {
    params: z.strictObject({ sdkAppId, room, userId }),
    result: z.object({ member: member.optional(), denial: denial.optional(), bans: z.array(ban) }),
  },
  /** Takes away (1 in `value`) or gives back (0) the permissions of `mask`, for all users named or for none. */
  'member.setDenied': {
    params: z.strictObject({
      sdkAppId,
      room,
      /** `all` and `except` mean those who are inside, `only` also those who are not. */
      users: z.union([
        z.literal('all'),
        z.strictObject({ only: userIds.min(1) }),
        z.strictObject({ except: userIds }),
      ]),
      mask: z.number(),
      value: z.number(),
      /** Of each user's denial, or of users by name; as pairs, because any text can be a name. */
      expectedVersion: z.union([z.int(), z.array(z.tuple([userId, z.int()])).max(10_000)]).optional(),
      seconds,
      cause,
    }),
    /** Those that changed, at most a thousand of them. */
    result: z.object({ changed: z.int(), denials: z.array(denial) }),
  },
  'member.listDenials': {
    params: z.strictObject({ sdkAppId, ...page }),
    result: z.object({ denials: z.array(denial), next }),
  },
  /** Removes members, who may come back; answered by the server alone. */
  'member.kick': {
    params: z.strictObject({ sdkAppId, room, userIds: userIds.min(1), cause }),
    result: z.object({ userIds: z.array(userId) }),
  },
  /** Removes a user and lets it in no more for some time; without a room in the whole application. */
  'member.ban': {
    params: z.strictObject({ sdkAppId, room: room.optional(), userId, seconds, cause }),
    result: z.object({ ban }),
  },
  /** Lifts the ban of exactly this room, or of the application. */
  'member.unban': {
    params: z.strictObject({ sdkAppId, room: room.optional(), userId, cause }),
    result: nothing,
  },
  'member.listBans': {
    params: z.strictObject({ sdkAppId, ...page }),
    result: z.object({ bans: z.array(ban), next }),
  },
  /** Voids the tickets signed up to the second `before` (unix; default now) and removes who is inside with one. */
  'tickets.revoke': {
    params: z.strictObject({ sdkAppId, tickets, before: z.number().optional(), cause }),
    result: z.object({ revocation }),
  },
  'tickets.listRevocations': {
    params: z.strictObject({ sdkAppId, ...page }),
    result: z.object({ revocations: z.array(revocation), next }),
  },
  /** Records of the journal that fit all that is given; a page may be empty and have a `next`. */
  'journal.list': {
    params: z.strictObject({
      sdkAppId: sdkAppId.optional(),
      room: room.optional(),
      userId: userId.optional(),
      kinds: z.array(z.enum(journalKinds)).min(1).max(journalKinds.length).optional(),
      /** Unix milliseconds: from then on, and until before then. */
      since: z.number().optional(),
      until: z.number().optional(),
      order: z.enum(['oldest', 'newest']),
      after: z.int().optional(),
      limit: z.int().min(1).max(500).default(100),
    }),
    result: z.object({ records: z.array(journalEntry), next: z.int().optional() }),
  },
  /** Holds some records behind `after` against the chain; `next` is the `after` of the next step. */
  'journal.verify': {
    params: z.strictObject({ after: z.int().optional() }),
    result: z.object({
      /** Records of this step that are as they were written. */
      checked: z.int(),
      /** The number before the first record: those up to there were deleted in due course. */
      pruned: z.int(),
      /** The last record that was looked at. */
      upTo: z.int(),
      next: z.int().optional(),
      finding: journalFinding.optional(),
    }),
  },
  /** Holds what the database holds of what operators do against the records; at most a thousand differences. */
  'journal.verifyState': {
    params: nothing,
    result: z.object({
      differing: z.int(),
      differences: z.array(journalDifference),
      /** Records in the outbox that the server has not written. */
      forged: z.int(),
    }),
  },
  /** Puts on record that what the database holds is accepted, where the records do not lead to it. */
  'journal.acceptState': { params: nothing, result: z.object({ accepted: z.int() }) },
  /** Holds the records against anchors, one a line, up to the first that does not fit. */
  'journal.verifyAnchors': {
    params: z.strictObject({ anchors: z.array(z.string().max(512)).max(100) }),
    result: z.object({
      /** Anchors that say of a record what it is. */
      checked: z.int(),
      /** Anchors of records that were deleted in due course. */
      older: z.int(),
      /** How far the furthest of them reaches. */
      upTo: z.int(),
      /** `line` counts from 0. */
      finding: journalFinding.extend({ line: z.int() }).optional(),
    }),
  },
  /** How long members were in rooms, by day, application and room. A page may be empty and have a `next`. */
  'usage.list': {
    params: z.strictObject({
      /** The first and the last day (UTC), like `2026-01-31`. */
      from: z.iso.date(),
      to: z.iso.date(),
      sdkAppId: sdkAppId.optional(),
      /** Only beside an application. */
      room: room.optional(),
      after: usagePlace.optional(),
      limit: z.int().min(1).max(50).default(50),
    }),
    result: z.object({ rows: z.array(dayUsage), next: usagePlace.optional() }),
  },
} as const;

export type AdminMethod = keyof typeof adminMethods;
/** Parameters of an admin request as they are after parsing. */
export type AdminParams<M extends AdminMethod> = z.infer<(typeof adminMethods)[M]['params']>;
/** The same as a caller writes them. */
export type AdminInput<M extends AdminMethod> = z.input<(typeof adminMethods)[M]['params']>;
/** Answer to an admin request. */
export type AdminResult<M extends AdminMethod> = z.infer<(typeof adminMethods)[M]['result']>;
