import { type ExplanationWire, type Notice, type Result, ServiceError } from '@roomkey/protocol';
import { maySendAnything, parseAuthority, type Role } from '@roomkey/tickets/permissions';
import { abortable } from '../calls/queue.ts';
import type { Entry, RoomConnection } from '../connection/room-connection.ts';
import { RtcError } from '../errors/rtc-error.ts';
import type { Emit } from '../events/events.ts';
import type { Publication } from '../local/publication.ts';
import type { Timers } from '../platform/platform.ts';
import type { Request } from '../signal/client.ts';
import { wireAuthBits } from './entry.ts';
import { readUserSig } from './user-sig.ts';
import { UserSigWatch } from './user-sig-watch.ts';

interface PermissionParts {
  readonly emit: Emit;
  readonly timers: Timers;
  readonly publications: readonly Publication[];
}

/** What a change leaves behind when the server has agreed: the next entry is made with it. */
type Agreed = Partial<Pick<Entry, 'role' | 'privateMapKey' | 'authBits'>>;

/** Sends a request that changes permissions. */
type Ask = (request: Request) => Promise<Result<'updatePrivateMapKey'>>;

/** What this user may do in the room, and the calls that change it. */
export class RoomPermissions {
  readonly #parts: PermissionParts;
  #entry: Entry | undefined;
  #connection: RoomConnection | undefined;
  #explanation: ExplanationWire | undefined;
  /** How often the server has said anew what is in force. */
  #told = 0;

  readonly #userSigWatch: UserSigWatch;

  constructor(parts: PermissionParts) {
    this.#parts = parts;
    this.#userSigWatch = new UserSigWatch(parts.timers, parts.emit);
  }

  /** The entry as it is to be made now, with the newest key, role and authority. */
  get entry(): Entry | undefined {
    return this.#entry;
  }

  /** As the server said last; undefined outside of a room. */
  get explanation(): ExplanationWire | undefined {
    return this.#explanation;
  }

  /** In scene `live` an audience member sends nothing. */
  get roleSends(): boolean {
    return !(this.#entry?.scene === 'live' && this.#entry.role === 'audience');
  }

  entering(entry: Entry): void {
    this.#entry = entry;
    const { userSig } = entry;
    readUserSig(userSig).then(
      (read) => {
        if (read && this.#entry?.userSig === userSig) this.#userSigWatch.watch(read.expiresAt);
      },
      // The server says why.
      () => {},
    );
  }

  /** The room was entered, or entered again after what is in force may have changed; the returned function says so. */
  entered(connection: RoomConnection, explanation: ExplanationWire): () => void {
    const before = this.#explanation;
    this.#connection = connection;
    this.#explanation = explanation;
    this.#told += 1;
    if (!before || isSame(before, explanation)) return () => {};
    return () => this.#raise(before.effective, explanation);
  }

  /** The seat was taken up again: the role is what the server says, whatever became of a change whose answer was lost. */
  resumed(connection: RoomConnection, { explanation, role }: Result<'resume'>): () => void {
    if (this.#entry && this.#entry.role !== role) {
      this.#entry = { ...this.#entry, role };
      for (const publication of this.#parts.publications) {
        if (this.roleSends) publication.resume();
        else publication.rest().catch(() => {});
      }
    }
    return this.entered(connection, explanation);
  }

  disconnected(): void {
    this.#connection = undefined;
  }

  left(): void {
    this.#connection = undefined;
    this.#explanation = undefined;
    this.#entry = undefined;
    this.#userSigWatch.stop();
  }

  hear(notice: Notice): void {
    const { emit, timers } = this.#parts;
    switch (notice.method) {
      case 'permissionChanged':
        this.#told += 1;
        this.#explanation = notice.params.explanation;
        this.#raise(notice.params.before, notice.params.explanation);
        return;
      case 'keyWillExpire': {
        const { expiresAt } = notice.params;
        const secondsLeft = Math.max(0, expiresAt - Math.floor(timers.unixSeconds()));
        emit('key-will-expire', { expiresAt, secondsLeft });
        return;
      }
      case 'keyRequired': {
        const { seconds, cause } = notice.params;
        emit('key-required', { seconds, cause: ServiceError.fromWire('', { name: cause }).code });
        return;
      }
      default:
    }
  }

  /** @throws {RtcError} `notInRoom`, `sceneNotLive`, `aborted` @throws {ServiceError} the server's refusal */
  async switchRole(role: Role, privateMapKey: string | undefined, signal: AbortSignal): Promise<void> {
    if (this.#inside().scene !== 'live')
      throw new RtcError(
        'sceneNotLive',
        'Only scene "live" has roles; everybody in scene "rtc" is an anchor.',
      );
    const agreed = { role, ...given(privateMapKey) };
    await this.#change((request) => request('switchRole', agreed), agreed, signal);
  }

  /** @throws {RtcError} `notInRoom`, `aborted` @throws {ServiceError} the server's refusal */
  async updatePrivateMapKey(privateMapKey: string, signal: AbortSignal): Promise<void> {
    const key = { privateMapKey };
    await this.#change((request) => request('updatePrivateMapKey', key), key, signal);
  }

  /**
   * The next entry is made with this UserSig.
   *
   * @throws {RtcError} `notInRoom`, `userSigMalformed`, `userSigIsPrivateMapKey`, `userSigWrongApplication`, `userSigWrongUser`
   */
  async updateUserSig(userSig: string): Promise<void> {
    const notInRoom = () => new RtcError('notInRoom', 'Enter a room first.');
    if (!this.#entry) throw notInRoom();
    const read = await readUserSig(userSig);
    // The room may have been left meanwhile.
    const entry = this.#entry;
    if (!entry) throw notInRoom();
    if (read && read.sdkAppId !== entry.sdkAppId)
      throw new RtcError('userSigWrongApplication', 'The UserSig is for another application.');
    if (read && read.userId !== entry.userId)
      throw new RtcError('userSigWrongUser', 'The UserSig is for another user.');
    this.#entry = { ...entry, userSig };
    if (read) this.#userSigWatch.watch(read.expiresAt);
    else this.#userSigWatch.stop();
  }

  /** @throws {RtcError} `notInRoom`, `aborted` @throws {ServiceError} the server's refusal */
  async changeAuthority(
    bits: number | bigint,
    privateMapKey: string | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    const params = { authBits: wireAuthBits(bits), ...given(privateMapKey) };
    const role: Role = maySendAnything(parseAuthority(bits).bits) ? 'anchor' : 'audience';
    const agreed = this.#inside().scene === 'live' ? { ...params, role } : params;
    await this.#change((request) => request('changeAuthority', params), agreed, signal);
  }

  #inside(): Entry {
    if (!this.#entry || !this.#explanation) throw new RtcError('notInRoom', 'Enter a room first.');
    return this.#entry;
  }

  async #change(ask: Ask, agreed: Agreed, signal: AbortSignal): Promise<void> {
    const { role: roleBefore } = this.#inside();
    const { publications } = this.#parts;
    const connection = this.#connection;
    if (!connection) throw new ServiceError('connectionLost');
    if (agreed.role === 'audience') await Promise.all(publications.map((each) => each.rest()));
    const told = this.#told;
    let answer: Awaited<ReturnType<Ask>>;
    try {
      signal.throwIfAborted();
      answer = await abortable(ask(connection.request), signal);
    } catch (error) {
      if (roleBefore === 'anchor' && !signal.aborted) for (const each of publications) each.resume();
      throw error;
    }
    if (this.#entry) this.#entry = { ...this.#entry, ...agreed };
    // What the server said meanwhile is as new as the answer, or newer.
    if (this.#told === told) this.#explanation = answer.explanation;
    if (agreed.role === 'anchor') for (const each of publications) each.resume();
  }

  #raise(before: number, explanation: ExplanationWire): void {
    const { effective: after, cleared: reasons } = explanation;
    this.#parts.emit('permission-changed', { before, after, reasons });
  }
}

const given = (privateMapKey: string | undefined) => (privateMapKey === undefined ? {} : { privateMapKey });

/** Whether the same is in force, and the rest is missing for the same reasons; since when does not matter. */
const isSame = (one: ExplanationWire, other: ExplanationWire): boolean =>
  one.effective === other.effective && reasonsOf(one) === reasonsOf(other);

const reasonsOf = ({ cleared }: ExplanationWire): string =>
  cleared
    .map(({ permission, operand, cause, actor }) => [permission, operand, cause, actor.type, actor.id].join())
    .join(';');
