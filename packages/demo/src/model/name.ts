const names = [
  'ada',
  'bela',
  'chloe',
  'dario',
  'edith',
  'farid',
  'greta',
  'hugo',
  'ines',
  'jonas',
  'kira',
  'levi',
  'mina',
  'noor',
  'oskar',
  'paula',
  'quinn',
  'rosa',
  'sami',
  'tilda',
  'umar',
  'vera',
  'wim',
  'yara',
] as const;

/** A first name to begin with. `random` yields numbers from 0 (inclusive) to 1 (exclusive). */
export function randomName(random: () => number): string {
  return names[Math.floor(random() * names.length)] as string;
}

/** A first name that nobody in `taken` has; with a number behind it when all are taken. */
export function otherName(taken: readonly string[], random: () => number): string {
  const free = names.filter((name) => !taken.includes(name));
  const pick = free[Math.floor(random() * free.length)];
  if (pick) return pick;
  for (let number = 2; ; number += 1) {
    const name = `${randomName(random)}-${number}`;
    if (!taken.includes(name)) return name;
  }
}
