/**
 * The eight permission bits and every rule about them: pure, synchronous, safe in a browser.
 * This is the one place of the project that knows what a bit means.
 *
 * @module
 */
export * from './actor.ts';
export * from './authority.ts';
export * from './effective.ts';
export * from './permission.ts';
export * from './slot.ts';
