const walking = Array.from({ length: 8 }, (_, index) => 2 ** index);
const presets = [170, 255];
/** Bytes that nobody thought of. */
const RANDOM = 4;

/** A set of ticket bytes that stands for all: walking ones and zeros, nothing, the presets, and a few by chance. */
export function reducedBytes(seed: number): readonly number[] {
  const random = Array.from({ length: RANDOM }, (_, index) => scatter(seed + index));
  return [...new Set([0, ...walking, ...walking.map((bit) => 255 - bit), ...presets, ...random])];
}

/** A set for what is only looked at whether it stays as it is. */
export const fewBytes: readonly number[] = [0, 87, 170, 255];

/** A byte that follows from a number and looks as if it did not. */
function scatter(number: number): number {
  let mixed = Math.imul(number + 0x9e37_79b9, 0x85eb_ca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35);
  return (mixed ^ (mixed >>> 16)) & 0xff;
}
