import { readFileSync, writeFileSync } from 'node:fs';

/** StrykerJS's incremental file, as far as it is used here. */
interface KeptResults {
  readonly files: Readonly<
    Record<string, { mutants: readonly { readonly status: string; readonly static?: boolean }[] }>
  >;
}

/**
 * Takes the survivors out of the results that are kept from run to run, whose code runs when its file is loaded: StrykerJS does not
 * see which tests such code concerns, so it would not try them again for a new test. A file that cannot be read is no fault.
 */
export function forgetLoadedSurvivors(file: string): void {
  const kept = read(file);
  if (!kept) return;
  for (const each of Object.values(kept.files))
    each.mutants = each.mutants.filter((mutant) => mutant.static !== true || mutant.status === 'Killed');
  writeFileSync(file, JSON.stringify(kept));
}

function read(file: string): KeptResults | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
