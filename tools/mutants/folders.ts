/** One folder whose code is mutated. */
export interface Folder {
  /** What `--folder` takes, and what the page calls it. */
  readonly name: string;
  readonly path: string;
  /** The unit tests that are to notice a mutant. */
  readonly tests: readonly string[];
}

const rooms = 'packages/server/src/rooms/**/*.test.ts';

/** The code of permissions, access and enforcement. */
export const folders: readonly Folder[] = [
  {
    name: 'tickets/permissions',
    path: 'packages/tickets/src/permissions',
    tests: ['packages/tickets/src/permissions/**/*.test.ts', 'tools/examples/tickets.test.ts'],
  },
  {
    name: 'access',
    path: 'packages/server/src/access',
    tests: ['packages/server/src/access/**/*.test.ts', rooms],
  },
  { name: 'rooms/permissions', path: 'packages/server/src/rooms/permissions', tests: [rooms] },
  { name: 'rooms/media', path: 'packages/server/src/rooms/media', tests: [rooms] },
];

/** Unit tests that take seconds, and would be run for nearly every mutant that the others do not notice. */
export const tooSlow: readonly string[] = [
  'packages/server/src/rooms/races/*.test.ts',
  'packages/server/src/rooms/permissions/never-beyond.test.ts',
  'packages/server/src/rooms/large-room.test.ts',
  'packages/server/src/rooms/record/room-events.test.ts',
];
