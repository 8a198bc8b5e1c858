import { describeMachine } from './machine.ts';

/** One measured figure. */
export interface Figure {
  readonly figure: string;
  /** The unit of `ours` and `peer`. */
  readonly unit: string;
  readonly ours: number;
  /** The same of what we compare with, from the same run. */
  readonly peer?: number;
  /** What must hold: of `ours / peer` where there is a peer and `of` does not say otherwise, else of `ours`. */
  readonly target?: Target & { readonly of?: 'ours' };
}

type Target = { readonly atLeast: number } | { readonly below: number } | { readonly atMost: number };

/** A {@link Figure} as `--json` prints it; `null` where there is nothing to say. */
interface Row {
  readonly figure: string;
  readonly unit: string;
  readonly ours: number;
  readonly peer: number | null;
  readonly ratio: number | null;
  readonly target: number | null;
  readonly met: boolean | null;
}

/**
 * Prints the figures of one bench as a table, or with `--json` on the command line as the one object
 * `{ name, machine, rows }`. A missed target is said, and is no failure.
 */
export function report(name: string, figures: readonly Figure[]): void {
  const machine = describeMachine();
  const rows = figures.map(rowOf);
  if (process.argv.includes('--json')) {
    console.log(JSON.stringify({ name, machine, rows }));
    return;
  }
  const head = ['figure', 'unit', 'ours', 'peer', 'ratio', 'target', 'met'];
  const lines = rows.map((row, index) => [
    row.figure,
    row.unit,
    ...[row.ours, row.peer, row.ratio].map(print),
    printTarget(figures[index]?.target),
    row.met === null ? '–' : row.met ? 'yes' : 'no',
  ]);
  console.log(`${name}: ${machine}\n\n${table([head, ...lines])}`);
}

/** The middle value, or the mean of the two middle ones. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('There is no median of nothing.');
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return ((low as number) + (high as number)) / 2;
}

/** The smallest value that so large a part of all values does not exceed. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)];
  if (value === undefined) throw new RangeError('There is no quantile of nothing.');
  return value;
}

function rowOf({ figure, unit, ours, peer, target }: Figure): Row {
  const ratio = peer ? ours / peer : null;
  const judged = target?.of === 'ours' ? ours : (ratio ?? ours);
  return {
    figure,
    unit,
    ours,
    peer: peer ?? null,
    ratio,
    target: target === undefined ? null : bound(target),
    met: target === undefined ? null : meets(judged, target),
  };
}

function bound(target: Target): number {
  if ('atLeast' in target) return target.atLeast;
  return 'below' in target ? target.below : target.atMost;
}

function meets(judged: number, target: Target): boolean {
  if ('atLeast' in target) return judged >= target.atLeast;
  return 'below' in target ? judged < target.below : judged <= target.atMost;
}

function printTarget(target: Figure['target']): string {
  if (target === undefined) return '–';
  const sign = 'atLeast' in target ? '≥' : 'below' in target ? '<' : '≤';
  return `${sign} ${bound(target)}`;
}

/** Three significant digits, and all digits before the point. */
function print(value: number | null): string {
  if (value === null) return '–';
  return Math.abs(value) >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}

function table(lines: readonly (readonly string[])[]): string {
  const widths = (lines[0] ?? []).map((_, column) =>
    Math.max(...lines.map((line) => (line[column] ?? '').length)),
  );
  const isText = (column: number) => column < 2;
  return lines
    .map((line) =>
      line
        .map((cell, column) =>
          isText(column) ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  '),
    )
    .join('\n');
}
