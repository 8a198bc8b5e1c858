import type { Actor } from '@roomkey/tickets/permissions';
import type { KeyState, PermissionControl } from '../ports/index.ts';

/** The tables, as the newest migration leaves them. Times are unix milliseconds. */
export interface Tables {
  applications: {
    sdk_app_id: number;
    name: string;
    permission_control: PermissionControl;
    expiry_policy: 'keep' | 'demote' | 'remove';
    stale_key_policy: 'remove' | 'refuse';
    duplicate_policy: 'replace' | 'refuse';
    max_members_per_room: number;
    max_rooms: number;
    linger_seconds: number;
    grace_seconds: number;
    created_at: number;
    /** Rises with every change of the application, its keys and its room controls. */
    version: number;
  };
  secret_keys: {
    sdk_app_id: number;
    key_id: string;
    /** Place among the application's keys, from 1. */
    position: number;
    sealed_secret: string;
    state: KeyState;
    created_at: number;
  };
  room_controls: {
    sdk_app_id: number;
    /** Room key text. */
    room: string;
    permission_control: PermissionControl;
  };
  denials: {
    sdk_app_id: number;
    /** Room key text. */
    room: string;
    user_id: string;
    mask: number;
    version: number;
    actor_type: Actor['type'];
    /** Its id; empty: none. */
    actor: string;
    cause: string;
    since: number;
    expires_at: number;
  };
  bans: {
    sdk_app_id: number;
    /** Room key text; empty: every room. */
    room: string;
    user_id: string;
    until: number;
    actor_type: Actor['type'];
    /** Its id; empty: none. */
    actor: string;
    cause: string;
    since: number;
    version: number;
  };
  revocations: {
    sdk_app_id: number;
    /** `a` the application, `u:` with a user id, `r:` with a room key text. */
    target: string;
    /** Unix seconds. */
    at: number;
    actor_type: Actor['type'];
    /** Its id; empty: none. */
    actor: string;
    cause: string;
    since: number;
    version: number;
  };
  /** The highest version of the denials and bans of an application that were deleted. */
  version_floors: { sdk_app_id: number; version: number };
  /** Records that may not be in the journal yet, in the order in which they were kept. */
  journal_outbox: {
    id: string;
    /** The record without its id, as JSON. */
    record: string;
    /** Shows that the server wrote it, in hexadecimal digits. */
    code: string;
  };
  /** How long members were in a room within five minutes, all of them together, in milliseconds. */
  usage: {
    /** Days since 1970-01-01, in UTC. */
    day: number;
    sdk_app_id: number;
    /** Room key text. */
    room: string;
    /** Which five minutes of the day: 0 to 287. */
    five_minutes: number;
    core: number;
    outer: number;
  };
  /** Facts about the database itself. */
  store_facts: { name: string; value: string };
}
