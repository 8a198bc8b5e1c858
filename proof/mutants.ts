import type { Home, RestrictionReader, Seat } from '@roomkey/server/ports';
import type { Direction } from '@roomkey/tickets/permissions';
import type { Fault } from './member-model.ts';
import { forgetfulPlane, hearingOfDeaths } from './mutant-planes.ts';
import { overriding } from './overriding.ts';
import type { MediaBit } from './permission-model.ts';
import type { ProofServer, Wrappers } from './proof-server.ts';

/** A server whose enforcement is broken in one way, put together from the real one and one wrong part. */
export interface Mutant {
  readonly name: string;
  /** What is wrong with it, in words. */
  readonly says: string;
  /** The same for the model, which says from it which cells have to fail. */
  readonly fault: Fault;
  /** The wrong part; `server` is there once somebody connects. */
  wrong(server: () => ProofServer): Wrappers;
}

const forgets = (direction: Direction, bit: MediaBit): Mutant => ({
  name: bit,
  says: `the media plane forgets to close what ${direction === 'send' ? 'is sent' : 'is received'} without ${bit}`,
  fault: { neverCloses: bit },
  wrong: () => ({ plane: (plane) => forgetfulPlane(plane, direction, bit) }),
});

/** Changes what members ask for once they are inside. */
const seated = (home: Home, changes: (seat: Seat) => Partial<Seat>): Home => {
  const changed = async <T extends { readonly seat: Seat }>(given: Promise<T>): Promise<T> => {
    const { seat, ...rest } = await given;
    return { ...rest, seat: overriding(seat, changes(seat)) } as T;
  };
  return overriding(home, {
    enter: (request, link) => changed(home.enter(request, link)),
    resume: (request, link) => changed(home.resume(request, link)),
  });
};

/** A request with a PrivateMapKey that holds all bits in the place of the one that came. */
const withAllBits = <T extends { readonly privateMapKey?: string | undefined }>(
  server: ProofServer,
  request: T,
): T => {
  const { privateMapKey } = request;
  return privateMapKey === undefined ? request : { ...request, privateMapKey: server.allBits(privateMapKey) };
};

const entry: Mutant = {
  name: 'entry',
  says: 'an entry takes every key for one with all bits',
  fault: { allBitsWith: 'enter' },
  wrong: (server) => ({
    home: (home) =>
      overriding(home, { enter: (request, link) => home.enter(withAllBits(server(), request), link) }),
  }),
};

const switchRole: Mutant = {
  name: 'switchRole',
  says: 'switchRole takes every key for one with all bits',
  fault: { allBitsWith: 'switchRole' },
  wrong: (server) => ({
    home: (home) =>
      seated(home, (seat) => ({ switchRole: (asked) => seat.switchRole(withAllBits(server(), asked)) })),
  }),
};

const updatePrivateMapKey: Mutant = {
  name: 'updatePrivateMapKey',
  says: 'updatePrivateMapKey takes every key for one with all bits',
  fault: { allBitsWith: 'updatePrivateMapKey' },
  wrong: (server) => ({
    home: (home) =>
      seated(home, (seat) => ({
        updatePrivateMapKey: (asked) => seat.updatePrivateMapKey(withAllBits(server(), asked)),
      })),
  }),
};

const changeAuthority: Mutant = {
  name: 'changeAuthority',
  says: 'changeAuthority asks for all bits, whatever is asked',
  fault: { ignoresAuthority: true },
  wrong: () => ({
    home: (home) =>
      seated(home, (seat) => ({
        changeAuthority: (asked) => seat.changeAuthority({ ...asked, authBits: 255 }),
      })),
  }),
};

/** Nothing is taken from those who are meant. */
const undenied = (restrictions: RestrictionReader, isMeant: (userId: string) => boolean): RestrictionReader =>
  overriding(restrictions, {
    denied: (at) => {
      const denied = restrictions.denied(at);
      return isMeant(at.userId) ? { ...denied, bits: 0 } : denied;
    },
  });

const operator: Mutant = {
  name: 'operator',
  says: 'what operators take away does not reach the rooms',
  fault: { ignoresDenials: 'always' },
  wrong: () => ({ restrictions: (restrictions) => undenied(restrictions, () => true) }),
};

const expiry: Mutant = {
  name: 'expiry',
  says: 'the expiry policy is read as keep',
  fault: { ignoresExpiry: true },
  wrong: () => ({
    applications: (applications) => ({
      find: (sdkAppId) => {
        const application = applications.find(sdkAppId);
        return application && { ...application, expiryPolicy: 'keep' };
      },
    }),
  }),
};

const revocation: Mutant = {
  name: 'revocation',
  says: 'the marks of revoked tickets are not looked at',
  fault: { ignoresRevocation: true },
  wrong: () => ({
    restrictions: (restrictions) => overriding(restrictions, { revoked: () => undefined }),
  }),
};

const resume: Mutant = {
  name: 'resume',
  says: 'who resumes gets everything that operators took',
  fault: { ignoresDenials: 'resumed' },
  wrong: () => {
    const users = new Map<string, string>();
    const resumed = new Set<string>();
    return {
      restrictions: (restrictions) => undenied(restrictions, (userId) => resumed.has(userId)),
      home: (home) =>
        overriding(home, {
          enter: async (request, link) => {
            const entered = await home.enter(request, link);
            users.set(entered.result.memberId, request.userId);
            return entered;
          },
          resume: (request, link) => {
            resumed.add(users.get(request.memberId) ?? '');
            return home.resume(request, link);
          },
        }),
    };
  },
};

const reentry: Mutant = {
  name: 'reentry',
  says: 'what operators took before an entry is forgotten at it',
  fault: { ignoresDenials: 'entry' },
  wrong: () => {
    const entering = new Set<string>();
    return {
      restrictions: (restrictions) => undenied(restrictions, (userId) => entering.has(userId)),
      home: (home) =>
        overriding(home, {
          enter: (request, link) => {
            entering.add(request.userId);
            return home.enter(request, link).finally(() => entering.delete(request.userId));
          },
        }),
    };
  },
};

const workerDeath: Mutant = {
  name: 'workerDeath',
  says: 'who comes back after the death of a worker gets everything that operators took',
  fault: { ignoresDenials: 'workerDeath' },
  wrong: () => {
    const users = new Set<string>();
    const spared = new Set<string>();
    return {
      restrictions: (restrictions) => undenied(restrictions, (userId) => spared.has(userId)),
      plane: (plane) => hearingOfDeaths(plane, () => users.forEach((userId) => void spared.add(userId))),
      home: (home) =>
        overriding(home, {
          enter: async (request, link) => {
            const { seat, result } = await home.enter(request, link);
            const { userId } = request;
            const openTransport: Seat['openTransport'] = async (asked) => {
              // Whatever is asked for, what is denied is looked at anew.
              if (spared.has(userId)) await seat.changeAuthority({ authBits: 255 });
              return seat.openTransport(asked);
            };
            users.add(userId);
            return { seat: overriding(seat, { openTransport }), result };
          },
        }),
    };
  },
};

/** One for each bit and direction, and one for each way in. */
export const mutants: readonly Mutant[] = [
  forgets('send', 'sendAudio'),
  forgets('recv', 'recvAudio'),
  forgets('send', 'sendVideo'),
  forgets('recv', 'recvVideo'),
  forgets('send', 'sendSub'),
  forgets('recv', 'recvSub'),
  entry,
  switchRole,
  updatePrivateMapKey,
  changeAuthority,
  operator,
  expiry,
  revocation,
  resume,
  reentry,
  workerDeath,
];
