/** How long members are in rooms, and on which tier; counts only, decides nothing. */
export { type UsageEvents, UsageMeter } from './usage-meter.ts';
