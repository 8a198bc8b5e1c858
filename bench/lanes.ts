/** Does a job for each item in their order, at most `width` at the same time. */
export async function inLanes<T>(
  items: readonly T[],
  width: number,
  job: (item: T) => Promise<void>,
): Promise<void> {
  let next = 0;
  const lane = async () => {
    for (let index = next++; index < items.length; index = next++) await job(items[index] as T);
  };
  await Promise.all(Array.from({ length: width }, lane));
}
