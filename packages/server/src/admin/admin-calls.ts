import {
  type AdminMethod,
  type AdminParams,
  type AdminResult,
  adminMethods,
  readBounded,
  ServiceError,
} from '@roomkey/protocol';
import type { Actor } from '@roomkey/tickets/permissions';
import type { ApplicationDirectory } from '../applications/index.ts';
import {
  banView,
  denialView,
  listUsage,
  type Operator,
  type OperatorLists,
  recordFilter,
  revocationView,
} from '../operators/index.ts';
import type { Journal, UsageStore } from '../ports/index.ts';
import type { JournalReader, StateCheck } from '../store/index.ts';

/** Tells what the running server is doing. */
export type StatusReader = () => AdminResult<'server.status'>;

type Calls = {
  readonly [M in AdminMethod]: (params: AdminParams<M>) => Promise<AdminResult<M>> | AdminResult<M>;
};

/** What admin requests act on. */
export interface Administered {
  readonly directory: ApplicationDirectory;
  readonly operator: Operator;
  readonly lists: OperatorLists;
  readonly journal: JournalReader;
  readonly usage: Pick<UsageStore, 'list'>;
  readonly state: { readonly check: StateCheck; readonly journal: Pick<Journal, 'appendGrant'> };
}

/** Most denials in one answer, and most differences. */
const MAX_ROWS = 1000;

/** Runs admin requests on the functions of the core; the same ones whether a server runs or not. */
export class AdminCalls {
  readonly #calls: Calls;

  /** `actor` is who the changes are made by; without `status` no server runs. */
  constructor(
    { directory, operator, lists, journal, usage, state }: Administered,
    actor: Actor,
    status?: StatusReader,
  ) {
    this.#calls = {
      'server.status': () => {
        if (!status) throw new ServiceError('methodNotFound', 'No server runs on this data folder.');
        return status();
      },
      'app.create': (params) => directory.create(actor, params),
      'app.list': (params) => directory.list(params),
      'app.show': async ({ sdkAppId }) => {
        const application = directory.get(sdkAppId);
        return { application, observed: await lists.observed(sdkAppId) };
      },
      'app.set': async ({ sdkAppId, settings }) => ({
        application: await directory.set(actor, sdkAppId, settings),
      }),
      'app.addKey': ({ sdkAppId, secret }) => directory.addKey(actor, sdkAppId, secret),
      'app.setKeyState': async ({ sdkAppId, keyId, state }) => ({
        application: await directory.setKeyState(actor, sdkAppId, keyId, state),
      }),
      'app.setRoomControl': async ({ sdkAppId, room, permissionControl }) => ({
        application: await directory.setRoomControl(actor, sdkAppId, room, permissionControl),
      }),
      'app.clearRoomControl': async ({ sdkAppId, room }) => ({
        application: await directory.clearRoomControl(actor, sdkAppId, room),
      }),
      'app.listRoomControls': ({ sdkAppId, ...page }) => directory.roomControls(sdkAppId, page),
      'room.list': (params) => lists.rooms(params),
      'room.show': (params) => lists.room(params),
      'room.dismiss': async (params) => ({
        members: (await operator.dismissRoom({ ...params, actor })).length,
      }),
      'member.show': (params) => lists.member(params),
      'member.setDenied': async (params) => {
        const denials = await operator.setDenied({ ...params, actor });
        return { changed: denials.length, denials: denials.slice(0, MAX_ROWS).map(denialView) };
      },
      'member.listDenials': (params) => lists.denials(params),
      'member.kick': async (params) => ({ userIds: await operator.kick({ ...params, actor }) }),
      'member.ban': async (params) => ({ ban: banView(await operator.ban({ ...params, actor })) }),
      'member.unban': async (params) => {
        await operator.unban({ ...params, actor });
        return {};
      },
      'member.listBans': (params) => lists.bans(params),
      'tickets.revoke': async (params) => ({
        revocation: revocationView(await operator.revoke({ ...params, actor })),
      }),
      'tickets.listRevocations': (params) => lists.revocations(params),
      'journal.list': ({ order, after, limit, ...filter }) =>
        journal.list({ filter: recordFilter(filter), order, after, limit }),
      'journal.verify': ({ after }) => journal.verify(after),
      'journal.verifyState': async () => {
        const differences = await state.check.differences();
        const forged = await state.check.forged();
        return { differing: differences.length, differences: differences.slice(0, MAX_ROWS), forged };
      },
      'journal.acceptState': async () => ({ accepted: await state.check.accept(state.journal, actor) }),
      'journal.verifyAnchors': ({ anchors }) => journal.verifyAnchors(anchors),
      'usage.list': (params) => listUsage(usage, params),
    };
  }

  /**
   * Checks the parameters of a request and runs it.
   *
   * @throws {ServiceError} `methodNotFound`, `invalidParams`, or what the core refuses with
   */
  async run(method: string, params: unknown): Promise<unknown> {
    if (!Object.hasOwn(adminMethods, method))
      throw new ServiceError('methodNotFound', 'The server has no such method; its version may be older.');
    const known = method as AdminMethod;
    const read = readBounded(adminMethods[known].params, params);
    if (!read.success) {
      const [issue] = read.error.issues;
      // Names the field and what is expected of it, never the value: it may be a secret key.
      throw new ServiceError('invalidParams', `${issue?.path.join('.') || 'params'}: ${issue?.message}`);
    }
    // The schema of the method made the parameters, so that the two belong together.
    return (this.#calls[known] as (params: unknown) => unknown)(read.data);
  }
}
