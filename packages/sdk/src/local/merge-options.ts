/** `before` with what `update` names; naming `device` forgets the app's own `track`, and the reverse. */
export function mergeOptions<O extends object>(
  before: O,
  update: O | undefined,
  device: keyof O,
  track: keyof O,
): O {
  const merged = { ...before };
  for (const key of Object.keys(update ?? {}) as (keyof O)[]) {
    const value = update?.[key];
    if (value === undefined) continue;
    merged[key] = value;
    if (key === device) delete merged[track];
    if (key === track) delete merged[device];
  }
  return merged;
}
