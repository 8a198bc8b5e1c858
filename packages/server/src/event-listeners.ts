import type { EventListener } from './ports/index.ts';

/**
 * Tells each event to several listeners, in their order. Never throws: what a listener throws is told to `fault`, and the
 * others hear the event all the same.
 */
export const toEachListener =
  (listeners: readonly EventListener[], fault: (error: unknown) => void): EventListener =>
  (event) => {
    for (const listener of listeners) {
      try {
        listener(event);
      } catch (error) {
        fault(error);
      }
    }
  };
