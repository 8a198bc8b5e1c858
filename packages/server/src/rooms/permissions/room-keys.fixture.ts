import { FakeClock, FakeJournal, ticketContext } from '@roomkey/testkit';
import type { Application, CoreEvent, RestrictionReader } from '../../ports/index.ts';
import { Observation } from '../record/observation.ts';
import { Refusals } from '../record/refusals.ts';
import { RoomEvents } from '../record/room-events.ts';
import { RoomJournal } from '../record/room-journal.ts';
import { MemberKeys } from './member-keys.ts';

const { application, restrictions, room, sdkAppId } = ticketContext;

/** The keys of room 1 of an application, with what operators have taken, and of what it is told that `enforce` would refuse. */
export function roomKeys(settings: Partial<Application> = {}, taken: Partial<RestrictionReader> = {}) {
  const clock = new FakeClock();
  const journal = new FakeJournal();
  const identity = {
    sdkAppId,
    ref: room,
    roomKey: 'n:1',
    name: 'test',
    lifeId: 'life',
    application: () => application(settings),
  };
  const refused: string[] = [];
  const heard = (event: CoreEvent) => {
    if (event.kind === 'refused') refused.push(event.cause);
  };
  const context = { clock, restrictions: restrictions(taken) };
  const observation = new Observation(
    new RoomEvents(identity, { clock, heard }),
    new RoomJournal(identity, { clock, journal }, new Refusals(journal, clock)),
  );
  return { clock, identity, context, refused, keys: new MemberKeys(identity, context, observation) };
}
