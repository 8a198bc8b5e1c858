import { roomLabel } from './entry-form.ts';
import { lightsOf } from './light.ts';
import type { State } from './state.ts';

/** What a screen reader is told about a change; undefined when there is nothing to tell. */
export function announcement(before: State, after: State): string | undefined {
  if (after.at === 'room' && before.at !== 'room') return `You are in ${roomLabel(after.form)}.`;
  if (before.at === 'room' && after.at !== 'room') {
    const refusal = after.at === 'door' ? after.refusal : undefined;
    return refusal
      ? `You are out of ${roomLabel(before.form)}. ${refusal.title}. ${refusal.sentence}`
      : 'You left the room.';
  }
  if (before.at !== 'room' || after.at !== 'room') return undefined;
  if (before.connection !== after.connection) {
    return after.connection === 'connected' ? 'Connected again.' : 'Connection lost. Reconnecting.';
  }
  const were = lightsOf(before.explanation);
  const changed = lightsOf(after.explanation).filter(({ lit }, index) => lit !== were[index]?.lit);
  if (changed.length > 0) {
    return changed
      .map(({ label, lit }) => `${label}: ${lit ? 'allowed now' : 'not allowed any more'}.`)
      .join(' ');
  }
  const names = (state: typeof before) => state.people.map(({ userId }) => userId);
  const came = names(after).filter((name) => !names(before).includes(name));
  const went = names(before).filter((name) => !names(after).includes(name));
  if (came.length > 0) return `${came.join(', ')} entered.`;
  if (went.length > 0) return `${went.join(', ')} left.`;
  return undefined;
}
