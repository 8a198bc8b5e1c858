import type { Mutant } from './mutant.ts';

/** A mutant that no test can notice, because the program does the same with it. */
export interface Equivalent {
  readonly file: string;
  readonly mutator: string;
  /** On one line, as the tool prints it. */
  readonly original: string;
  readonly replacement: string;
  /** The line on which it begins, where the file has the same change more than once. */
  readonly line?: string;
  /** Why nobody can tell the difference. */
  readonly reason: string;
}

/** What became of the mutants of one folder. */
export interface Verdict {
  readonly killed: number;
  readonly timedOut: number;
  readonly survivors: readonly Mutant[];
  readonly explained: number;
  /** Killed and timed out in percent of all but the explained, to two digits; 100 when there are none. */
  readonly score: number;
  /** Entries of the list that do not fit the mutants. */
  readonly faults: readonly string[];
}

/** Holds the mutants of a folder against the list of those that are equivalent, which names none of other folders. */
export function judge(mutants: readonly Mutant[], equivalents: readonly Equivalent[]): Verdict {
  const explained = new Set<Mutant>();
  const faults: string[] = [];
  for (const entry of equivalents) {
    const meant = mutants.filter((mutant) => fits(mutant, entry));
    const [mutant] = meant;
    if (!mutant) faults.push(`${say(entry)}: there is no such mutant any more`);
    else if (meant.length > 1)
      faults.push(`${say(entry)}: ${meant.length} mutants are like this; name its line`);
    else if (explained.has(mutant)) faults.push(`${say(entry)}: is explained twice`);
    else if (isNoticed(mutant)) faults.push(`${say(entry)}: a test notices it, so it is not equivalent`);
    else explained.add(mutant);
  }
  const counted = mutants.filter((mutant) => !explained.has(mutant));
  const noticed = counted.filter(isNoticed);
  const timedOut = noticed.filter(({ status }) => status === 'Timeout').length;
  return {
    killed: noticed.length - timedOut,
    timedOut,
    survivors: counted.filter((mutant) => !isNoticed(mutant)),
    explained: explained.size,
    score: counted.length === 0 ? 100 : Math.floor((10_000 * noticed.length) / counted.length) / 100,
    faults,
  };
}

/** `packages/…/x.ts: StringLiteral: 'a' → ""` */
export const say = ({
  file,
  mutator,
  original,
  replacement,
}: Pick<Equivalent, 'file' | 'mutator' | 'original' | 'replacement'>): string =>
  `${file}: ${mutator}: ${original} → ${replacement}`;

const isNoticed = ({ status }: Mutant): boolean => status === 'Killed' || status === 'Timeout';

const fits = (mutant: Mutant, { file, mutator, original, replacement, line }: Equivalent): boolean =>
  mutant.file === file &&
  mutant.mutator === mutator &&
  mutant.original === original &&
  mutant.replacement === replacement &&
  (line === undefined || mutant.lineText === line);
