/** The ticket in use will not do for much longer. */
export interface Deadline {
  /** `expires`: it runs out. `required`: permission control was switched on, and it is not good enough. */
  readonly why: 'expires' | 'required';
  /** Unix seconds. */
  readonly at: number;
}

/** What the visitor is told about a deadline; `clock` writes a time of day. */
export function deadlineWords({ why, at }: Deadline, clock: (at: Date) => string): [string, string] {
  const time = clock(new Date(at * 1000));
  if (why === 'expires') {
    return [
      'Your ticket expires soon',
      `It is good until ${time}. Without a new one you may then lose your permissions, or the room.`,
    ];
  }
  return ['The room asks for a better ticket', `Permission control was switched on. At ${time} you are out.`];
}
