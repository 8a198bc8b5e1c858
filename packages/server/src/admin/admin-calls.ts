import {
  type AdminMethod,
  type AdminParams,
  type AdminResult,
  adminMethods,
  ServiceError,
} from '@roomkey/protocol';
import type { ApplicationDirectory } from '../rooms/index.ts';

/** Tells what the running server is doing. */
export type StatusReader = () => AdminResult<'server.status'>;

type Calls = {
  readonly [M in AdminMethod]: (params: AdminParams<M>) => Promise<AdminResult<M>> | AdminResult<M>;
};

/** Runs admin requests on the functions of the core; the same ones whether a server runs or not. */
export class AdminCalls {
  readonly #calls: Calls;

  /** `actor` is who the changes are made by; without `status` no server runs. */
  constructor(directory: ApplicationDirectory, actor: string, status?: StatusReader) {
    this.#calls = {
      'server.status': () => {
        if (!status) throw new ServiceError('methodNotFound', 'No server runs on this data folder.');
        return status();
      },
      'app.create': (params) => directory.create(actor, params),
      'app.list': (params) => directory.list(params),
      'app.show': ({ sdkAppId }) => ({ application: directory.get(sdkAppId) }),
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
    const read = adminMethods[known].params.safeParse(params);
    if (!read.success) {
      const [issue] = read.error.issues;
      // Names the field and what is expected of it, never the value: it may be a secret key.
      throw new ServiceError('invalidParams', `${issue?.path.join('.') || 'params'}: ${issue?.message}`);
    }
    // The schema of the method made the parameters, so that the two belong together.
    return (this.#calls[known] as (params: unknown) => unknown)(read.data);
  }
}
