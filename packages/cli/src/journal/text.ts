import type { JournalDifference, JournalEntry, JournalFinding } from '@roomkey/protocol';
import { textTable } from '../terminal/table.ts';
import { actorText, roomText, timeText } from '../terminal/value-text.ts';

const count = (number: number): string => number.toLocaleString('en');

/** `3 records`, `1 record`. */
const counted = (number: number, noun: string): string =>
  `${count(number)} ${noun}${number === 1 ? '' : 's'}`;

const spanText = (from: number, to: number): string =>
  from >= to ? `record ${count(from)} is` : `records ${count(from)} to ${count(to)} are`;

/** Records, one a line. */
export const recordsText = (records: readonly JournalEntry[]): string =>
  textTable([
    ['RECORD', 'TIME', 'KIND', 'SDKAPPID', 'ROOM', 'USER', 'ACTOR', 'CAUSE', 'BITS', 'MORE'],
    ...records.map(({ seq, at, kind, sdkAppId, room, userId, actor, cause, ...more }) => [
      String(seq),
      timeText(at),
      kind,
      sdkAppId === undefined ? '-' : String(sdkAppId),
      room ? roomText(room) : '-',
      userId ?? '-',
      actorText(actor),
      cause,
      bitsText(more),
      moreText(more) || '-',
    ]),
  ]);

function bitsText({ before, after }: Pick<JournalEntry, 'before' | 'after'>): string {
  if (after === undefined) return '-';
  return before === undefined ? String(after) : `${before} > ${after}`;
}

const moreText = ({ operands = {}, details = {} }: Pick<JournalEntry, 'operands' | 'details'>): string =>
  [
    ...Object.entries(operands).map(([name, [before, after]]) => `${name} ${before} > ${after}`),
    ...Object.entries(details).map(([name, value]) => `${name} ${value}`),
  ].join(', ');

/** Anchors of one file, held against the records. */
export interface AnchorsSeen {
  readonly file: string;
  readonly checked: number;
  readonly older: number;
  /** How far the furthest of them reaches. */
  readonly upTo: number;
}

/** What a verification has seen. */
export interface JournalSeen {
  readonly checked: number;
  /** Records up to this one were deleted in due course. */
  readonly pruned: number;
  readonly last: number;
  readonly anchors: readonly AnchorsSeen[];
  readonly finding?: (JournalFinding & { readonly file?: string; readonly line?: number }) | undefined;
  /** How many subjects the database holds otherwise than the records lead to, and the first of them. */
  readonly differing: number;
  readonly differences: readonly JournalDifference[];
  /** Records in the outbox that the server has not written. */
  readonly forged: number;
}

/** What is good in a journal. */
export const goodText = ({ checked, pruned, last, anchors }: JournalSeen): string =>
  [
    checked === 0
      ? 'There are no records.'
      : `${counted(checked, 'record')}, ${count(pruned + 1)} to ${count(last)}: each as it was written, in its place, none missing between them.`,
    ...(pruned > 0 ? [`${counted(pruned, 'older record')} were deleted as the retention says.`] : []),
    'The database holds what the records lead to: applications, keys, permission control, denials, bans and revocations.',
    ...anchors.map(
      ({ file, checked: fit, older, upTo }) =>
        `${counted(fit, 'anchor')} of ${file} ${fit === 1 ? 'fits' : 'fit'}${fit > 0 ? `, up to record ${count(upTo)}` : ''}${older > 0 ? `; ${count(older)} are of records that are deleted` : ''}.`,
    ),
  ].join('\n');

/** Where the database and the journal differ. */
export function differencesText({ differing, differences }: JournalSeen): string {
  const shown = differences.slice(0, 10).map(({ subject, database, journal }) => {
    const [here, there] = [database ?? 'nothing', journal ?? 'nothing'];
    return `- ${subject}: the database holds ${here}, the records lead to ${there}`;
  });
  const more = differing > shown.length ? [`- and ${count(differing - shown.length)} more`] : [];
  return [
    'The records do not lead to what the database holds: somebody has changed roomkey.db, or put back an older copy.',
    ...shown,
    ...more,
    'If that is as it should be, put it on record: roomkey journal accept',
  ].join('\n');
}

/** What stands in the outbox and is not the server's. */
export const forgedText = (forged: number): string =>
  `The outbox in roomkey.db holds what the server has not written (${counted(forged, 'record')}): somebody has changed roomkey.db. The server ignores it. To discard it, and accept all that differs, on record: roomkey journal accept`;

/** What a verification cannot see. */
export function unseen({ last, anchors }: JournalSeen): string[] {
  const reached = Math.max(0, ...anchors.map(({ upTo }) => upTo));
  return [
    reached === 0
      ? 'Whether records were cut off at the end: no anchor says how far they had come.'
      : `Whether more records were cut off at the end: ${last > reached ? `the ${counted(last - reached, 'record')} behind the furthest anchor could have been followed by others` : 'behind the furthest anchor there is none'}.`,
    'Whether records and anchors together were replaced by an older copy of both: give anchors that were kept elsewhere with --anchors.',
    'What somebody has written who has the master key.',
  ];
}

/** What is wrong. */
export function findingText({
  problem,
  seq,
  upTo = seq,
  file,
  line = 0,
}: NonNullable<JournalSeen['finding']>): string {
  const anchor = `line ${line + 1} of ${file}`;
  const text = {
    changed: `Record ${count(seq)} is not what was written in this place.`,
    missing: `${spanText(seq, upTo)} missing.`,
    added: `Record ${count(seq)} was not written by the server: the records up to there had been deleted.`,
    checkpointForged: `What stands for the deleted records up to ${count(seq)} was not written by the server.`,
    cut: `${spanText(seq, upTo)} missing at the end: ${anchor} says that they were there.`,
    rewritten: `Record ${count(seq)} is another one than ${anchor} says: the records were replaced, or an older copy was put back and went on.`,
    anchorUnreadable: `${anchor} is no anchor.`,
    unanchored: `There are records, and ${file} has no anchor. The server sets one before its first record: somebody has deleted them, and records may be missing at the end.`,
    anchorForged: `${anchor} was not written by the server with this master key.`,
  }[problem];
  return text[0]?.toUpperCase() + text.slice(1);
}
