/** What the tests made of a mutant, in StrykerJS's words. */
type Status = 'Killed' | 'Timeout' | 'Survived' | 'NoCoverage' | 'RuntimeError' | 'CompileError' | 'Ignored';

/** One change of the code, and whether a test noticed it. */
export interface Mutant {
  /** Relative to the repository. */
  readonly file: string;
  /** Begins with 1. */
  readonly line: number;
  /** The line on which the change begins. */
  readonly lineText: string;
  /** StrykerJS's name of the sort of change. */
  readonly mutator: string;
  readonly original: string;
  readonly replacement: string;
  readonly status: Status;
}

/** StrykerJS's JSON report, as far as it is used here. */
export interface MutationReport {
  readonly files: Readonly<Record<string, ReportedFile>>;
}

interface ReportedFile {
  readonly source: string;
  readonly mutants: readonly {
    readonly mutatorName: string;
    readonly replacement?: string;
    readonly status: Status;
    readonly location: { readonly start: Place; readonly end: Place };
  }[];
}

/** Both begin with 1. */
interface Place {
  readonly line: number;
  readonly column: number;
}

/** The mutants of a report, in the order of the code. */
export function mutantsOf(report: MutationReport): Mutant[] {
  return Object.entries(report.files)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([file, { source, mutants }]) => {
      const lines = source.split('\n');
      const inOrder = [...mutants].sort(
        ({ location: { start: one } }, { location: { start: other } }) =>
          one.line - other.line || one.column - other.column,
      );
      return inOrder.map(({ mutatorName: mutator, replacement = '', status, location: { start, end } }) => ({
        file,
        line: start.line,
        lineText: onOneLine(lines[start.line - 1] ?? ''),
        mutator,
        original: onOneLine(cut(lines, start, end)),
        replacement: onOneLine(replacement),
        status,
      }));
    });
}

/** Code without its line ends and indentation. */
const onOneLine = (code: string): string => code.trim().replace(/\s+/g, ' ');

function cut(lines: readonly string[], start: Place, end: Place): string {
  const part = lines.slice(start.line - 1, end.line);
  const last = part.length - 1;
  part[last] = (part[last] ?? '').slice(0, end.column - 1);
  part[0] = (part[0] ?? '').slice(start.column - 1);
  return part.join('\n');
}
