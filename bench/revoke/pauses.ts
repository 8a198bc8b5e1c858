import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds after a stop in which packets are looked for that should not be there. */
export const silentMs = 8;

/** Waits from the time that everything may flow again to the next stop: at least so long, and to no fixed place between two packets. */
export const settled = (atLeastMs: number): Promise<void> => sleep(atLeastMs * (1 + Math.random()));
