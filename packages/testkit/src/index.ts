/** Fakes for the ports of the rooms, builders, launchers and clients for tests. */
export { FakeClock } from './fake-clock.ts';
