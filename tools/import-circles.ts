/** That `file` imports `target`. */
interface ImportEdge {
  readonly file: string;
  readonly target: string;
}

/** The imports that are part of a circle: their target imports their file, itself or through other files. */
export function circularImports<E extends ImportEdge>(imports: readonly E[]): E[] {
  const targetsOf = new Map<string, string[]>();
  for (const { file, target } of imports) targetsOf.set(file, [...(targetsOf.get(file) ?? []), target]);
  const reached = new Map<string, ReadonlySet<string>>();
  return imports.filter(({ file, target }) => {
    const known = reached.get(target) ?? reachableFrom(target, targetsOf);
    reached.set(target, known);
    return known.has(file);
  });
}

/** `start`, and everything that it imports, itself or through others. */
function reachableFrom(start: string, targetsOf: ReadonlyMap<string, readonly string[]>): Set<string> {
  const reached = new Set([start]);
  for (const file of reached) for (const target of targetsOf.get(file) ?? []) reached.add(target);
  return reached;
}
