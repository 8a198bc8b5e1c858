import type { RoomHappening, Stay } from '../../ports/index.ts';
import type { RoomContext, RoomIdentity } from '../context.ts';
import type { Member } from '../state/member.ts';

/** Tells what happens in one life of a room, and numbers it. */
export class RoomEvents {
  readonly #at: { readonly sdkAppId: number; readonly room: string; readonly lifeId: string };
  readonly #context: Pick<RoomContext, 'heard' | 'clock'>;
  #number = 0;

  constructor(
    { sdkAppId, roomKey: room, lifeId }: RoomIdentity,
    context: Pick<RoomContext, 'heard' | 'clock'>,
  ) {
    this.#at = { sdkAppId, room, lifeId };
    this.#context = context;
  }

  tell(happening: RoomHappening): void {
    const { heard, clock } = this.#context;
    heard({ ...this.#at, number: ++this.#number, at: clock.now(), ...happening });
  }
}

/** The stay of a member, as events name it. */
export const stayOf = ({ userId, identity: { memberId } }: Member): Stay => ({ userId, memberId });
