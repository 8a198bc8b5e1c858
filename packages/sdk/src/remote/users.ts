import type { MemberWire, Notice } from '@roomkey/protocol';
import type { Emit } from '../events/events.ts';
import { RemoteUser } from './user.ts';

/** What happens to users, for those who play their media. */
export interface RemoteHooks {
  /** The user is new here, or here again after a reconnection; nothing about it was raised yet. */
  onEntered(user: RemoteUser): void;
  onVideoUnavailable(user: RemoteUser, streamType: 'main' | 'sub'): void;
  onLeft(user: RemoteUser): void;
}

const exitReasons = { exit: 0, timeout: 1, replaced: 2, removed: 2, roleChanged: 3 } as const;

/** Who else is in the room and what can be had of them; raises the events about it. */
export class RemoteUsers {
  readonly #emit: Emit;
  readonly #hooks: RemoteHooks;
  readonly #users = new Map<string, RemoteUser>();

  constructor(emit: Emit, hooks: RemoteHooks) {
    this.#emit = emit;
    this.#hooks = hooks;
  }

  find(userId: string): RemoteUser | undefined {
    return this.#users.get(userId);
  }

  all(): RemoteUser[] {
    return [...this.#users.values()];
  }

  /** The room was entered, or entered again: these are inside now. */
  entered(members: readonly MemberWire[]): void {
    const inside = new Set(members.map(({ userId }) => userId));
    for (const user of this.all()) if (!inside.has(user.userId)) this.#leave(user, 0);
    for (const member of members) this.#enter(member);
  }

  /** The connection is gone; the users are kept until it is known who is still there. */
  disconnected(): void {
    for (const user of this.#users.values()) user.forgetAll();
  }

  /** The room was left: nobody is there any more, and nothing is raised about it. */
  left(): void {
    const users = this.all();
    this.#users.clear();
    for (const user of users) this.#hooks.onLeft(user);
  }

  hear(notice: Notice): void {
    switch (notice.method) {
      case 'memberEntered':
        this.#enter(notice.params.member);
        return;
      case 'memberLeft': {
        const user = this.find(notice.params.userId);
        if (user) this.#leave(user, exitReasons[notice.params.reason]);
        return;
      }
      case 'trackAdded':
        this.#change(notice.params.userId, (user) => user.setTrack(notice.params.track));
        return;
      case 'trackMuted': {
        const { userId, trackId, slot, muted } = notice.params;
        this.#change(userId, (user) => user.setMuted(trackId, slot, muted));
        return;
      }
      case 'trackRemoved': {
        const { userId, trackId, slot } = notice.params;
        this.#change(userId, (user) => user.removeTrack(trackId, slot));
        return;
      }
      default:
    }
  }

  #enter(member: MemberWire): void {
    const known = this.#users.get(member.userId);
    const user = known ?? new RemoteUser(member.userId);
    this.#users.set(member.userId, user);
    user.update(member);
    this.#hooks.onEntered(user);
    if (!known) this.#emit('remote-user-enter', { userId: member.userId });
    this.#announce(user);
  }

  #leave(user: RemoteUser, reason: 0 | 1 | 2 | 3): void {
    user.update({ userId: user.userId, role: 'anchor', tracks: [] });
    this.#announce(user);
    this.#users.delete(user.userId);
    this.#hooks.onLeft(user);
    this.#emit('remote-user-exit', { userId: user.userId, reason });
  }

  #change(userId: string, change: (user: RemoteUser) => void): void {
    const user = this.#users.get(userId);
    if (!user) return;
    change(user);
    this.#announce(user);
  }

  #announce(user: RemoteUser): void {
    const { userId, announced: before, available: now } = user;
    user.announced = now;
    if (before.audio !== now.audio) {
      this.#emit(now.audio ? 'remote-audio-available' : 'remote-audio-unavailable', { userId });
    }
    for (const streamType of ['main', 'sub'] as const) {
      if (before[streamType] === now[streamType]) continue;
      if (!now[streamType]) this.#hooks.onVideoUnavailable(user, streamType);
      const event = now[streamType] ? 'remote-video-available' : 'remote-video-unavailable';
      this.#emit(event, { userId, streamType });
    }
  }
}
