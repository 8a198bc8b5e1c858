/** The rows of all pages, one after another. */
export async function allPages<R>(
  read: (after: string | undefined) => Promise<{ rows: readonly R[]; next: string | undefined }>,
): Promise<R[]> {
  const all: R[] = [];
  let after: string | undefined;
  do {
    const page = await read(after);
    all.push(...page.rows);
    after = page.next;
  } while (after !== undefined);
  return all;
}
