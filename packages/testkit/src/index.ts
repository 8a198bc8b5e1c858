/** Fakes for the ports of the rooms, builders, launchers and clients for tests. */
export { FakeApplicationStore, storedApplication } from './fake-application-store.ts';
export { FakeClock } from './fake-clock.ts';
export { FakeHome, FakeSeat, fakeIcePassword, plainEntry, plainResume } from './fake-home.ts';
export { FakeJournal } from './fake-journal.ts';
export { FakeMediaPlane, settled } from './fake-media-plane.ts';
export { FakeRestrictionStore, following } from './fake-restriction-store.ts';
export {
  type EntryWish,
  RecordingLink,
  RoomWorldUnderTest,
  rtpParametersFor,
  TestMember,
} from './room-world.ts';
export { selfSignedCertificate } from './self-signed.ts';
export * as ticketContext from './ticket-context.ts';
export { shortShare, turnsOf } from './turns.ts';
export { unsafeTicket } from './unsafe-ticket.ts';
export { FakeUsageStore } from './usage/fake-usage-store.ts';
