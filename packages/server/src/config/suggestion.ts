/** Levenshtein distance: how many letters to change, add or drop. */
function distance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (const [row, letter] of [...a].entries()) {
    const line = [row + 1];
    for (let column = 1; column <= b.length; column++) {
      const replaced = (above[column - 1] ?? 0) + (letter === b[column - 1] ? 0 : 1);
      line.push(Math.min(replaced, (above[column] ?? 0) + 1, (line[column - 1] ?? 0) + 1));
    }
    above = line;
  }
  return above[b.length] ?? 0;
}

/** The known name that a mistyped one most likely meant, if any is near. */
export function suggestion(typed: string, known: readonly string[]): string | undefined {
  const near = known
    .map((name) => ({ name, far: distance(typed.slice(0, 64), name) }))
    .sort((a, b) => a.far - b.far)[0];
  return near && near.far <= 4 ? near.name : undefined;
}
