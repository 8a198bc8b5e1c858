import { enough, type RowFlow } from './flow-window.ts';
import type { Row } from './permission-model.ts';

/** Which way a permission changed before the window. */
export type Change = 'growing' | 'shrinking';

/** What a cell is about. */
export interface CellPlace {
  readonly way: string;
  readonly change: Change;
  /** The ticket byte. */
  readonly byte: number;
  readonly start: string;
  readonly end: string;
}

/** One row of one change: what had to be seen, and what was. */
export interface Cell extends CellPlace, RowFlow {
  /** Whether packets had to flow. */
  readonly expected: boolean;
}

/** Whether a cell shows what it has to: packets enough, all with announced SSRCs, or none at all. */
export const passed = ({ expected, packets, others, sent, control }: Cell): boolean =>
  sent >= enough && control >= enough && others === 0 && (expected ? packets >= enough : packets === 0);

/** One cell that failed, in a sentence. */
export function sayCell(cell: Cell): string {
  const { way, change, byte, start, end, direction, slot, expected, packets, others, ssrcs, sent, control } =
    cell;
  const seen = `${packets} packets seen${others > 0 ? ` and ${others} with SSRCs that nobody announced` : ''}`;
  const ssrc = ssrcs.length > 0 ? ` (SSRC ${ssrcs.join(', ')})` : '';
  return (
    `${way}, ${change}, byte ${byte} (${start} → ${end}), ${direction} ${slot}: ` +
    `must ${expected ? '' : 'not '}flow: ${seen}${ssrc}, ${sent} sent, ${control} of the control`
  );
}

/** Names a cell among all. */
export const cellName = ({
  way,
  change,
  byte,
  direction,
  slot,
}: Omit<CellPlace, 'start' | 'end'> & Row): string => `${way}, ${change}, byte ${byte}, ${direction} ${slot}`;
