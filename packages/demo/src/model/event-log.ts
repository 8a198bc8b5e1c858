/** One line of the event log. */
export interface LogLine {
  /** Unix milliseconds. */
  readonly at: number;
  readonly name: string;
  readonly detail: string;
}

/** Most lines that are kept. */
export const MAX_LINES = 200;

/** The log with one line more, newest first; the oldest ones go. */
export function logged(lines: readonly LogLine[], line: LogLine): readonly LogLine[] {
  return [line, ...lines].slice(0, MAX_LINES);
}

/** What an event carries, on one line: plain values only, so that neither tracks nor functions come in. */
export function detailOf(payload: unknown): string {
  if (payload instanceof Error) {
    const { code, extraCode } = payload as { code?: unknown; extraCode?: unknown };
    return [payload.cause, code, extraCode].filter((part) => part !== undefined).join(' ');
  }
  if (typeof payload !== 'object' || payload === null) return payload === undefined ? '' : String(payload);
  return Object.entries(payload)
    .map(([key, value]) => [key, value instanceof Error ? detailOf(value) : value] as const)
    .filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value))
    .map(([key, value]) => `${key} ${value === '' ? '(me)' : value}`)
    .join(' · ');
}
