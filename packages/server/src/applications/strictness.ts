import type { Gives } from '../change-recorder.ts';
import type { ApplicationSettings } from '../ports/index.ts';
import { settingsOf } from './view.ts';

/** The words of each setting, what allows most first. Of limits the higher number allows more. */
const words: { readonly [K in keyof ApplicationSettings]?: readonly ApplicationSettings[K][] } = {
  permissionControl: ['off', 'observe', 'enforce'],
  expiryPolicy: ['keep', 'demote', 'remove'],
  staleKeyPolicy: ['refuse', 'remove'],
};

/** Whether a setting is less strict than it was. Where that is no question (a name, who of two stays), no. */
export function isLess<K extends keyof ApplicationSettings>(
  name: K,
  was: ApplicationSettings[K],
  is: ApplicationSettings[K],
): boolean {
  if (typeof was === 'number' && typeof is === 'number') return is > was;
  const order: readonly ApplicationSettings[K][] = words[name] ?? [];
  return order.indexOf(is) < order.indexOf(was);
}

/** Whether somebody may do more under other settings. */
export function givenBy(was: ApplicationSettings, is: ApplicationSettings): Gives {
  const names = Object.keys(settingsOf(was)) as (keyof ApplicationSettings)[];
  if (!names.some((name) => isLess(name, was[name], is[name]))) return 'nothing';
  return names.some((name) => isLess(name, is[name], was[name])) ? 'besides' : 'only';
}
