import * as z from 'zod';

/** How an application checks the PrivateMapKey: not at all, only reporting what it would refuse, or really. */
const permissionControl = z.enum(['off', 'observe', 'enforce']);

/** `active` verifies; `retired` verifies nothing new; `compromised` is that for good, and what it signed is void. */
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
const room = z.union([
  z.strictObject({ roomId: z.number() }),
  z.strictObject({ strRoomId: z.string().max(256) }),
]);
const secret = z.string().max(1024).optional();
const page = { after: z.string().max(256).optional(), limit: z.int().min(1).max(1000).default(100) };
const nothing = z.strictObject({});

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
  'app.show': { params: z.strictObject({ sdkAppId }), result: z.object({ application }) },
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
} as const;

export type AdminMethod = keyof typeof adminMethods;
/** Parameters of an admin request as they are after parsing. */
export type AdminParams<M extends AdminMethod> = z.infer<(typeof adminMethods)[M]['params']>;
/** The same as a caller writes them. */
export type AdminInput<M extends AdminMethod> = z.input<(typeof adminMethods)[M]['params']>;
/** Answer to an admin request. */
export type AdminResult<M extends AdminMethod> = z.infer<(typeof adminMethods)[M]['result']>;
