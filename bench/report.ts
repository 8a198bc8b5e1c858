import { describeMachine } from './machine.ts';

/** One measured figure. */
export interface Figure {
  readonly figure: string;
  /** The unit of `ours` and `peer`. */
  readonly unit: string;
  readonly ours: number;
  /** The same of what we compare with, from the same run. */
  readonly peer?: number;
  /** What must hold: of `ours / peer` where there is a peer, else of `ours`. */
  readonly target?: { readonly atLeast: number } | { readonly below: number };
}

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

function rowOf({ figure, unit, ours, peer, target }: Figure): Row {
  const ratio = peer === undefined ? null : ours / peer;
  const judged = ratio ?? ours;
  return {
    figure,
    unit,
    ours,
    peer: peer ?? null,
    ratio,
    target: target === undefined ? null : 'atLeast' in target ? target.atLeast : target.below,
    met: target === undefined ? null : 'atLeast' in target ? judged >= target.atLeast : judged < target.below,
  };
}

function printTarget(target: Figure['target']): string {
  if (target === undefined) return '–';
  return 'atLeast' in target ? `≥ ${target.atLeast}` : `< ${target.below}`;
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
