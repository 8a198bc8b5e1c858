import { createHash } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Folders inside a source tree that hold no sources. */
const skipped = new Set(['node_modules', 'dist', '.build']);

/**
 * Changes whenever a file under one of `inputs` (files or folders, relative to `root`) appears, goes, or changes its size or
 * time; an input that does not exist counts as empty.
 */
export function fingerprint(root: string, inputs: readonly string[]): string {
  const hash = createHash('sha256');
  for (const input of inputs) {
    for (const file of walk(path.join(root, input))) {
      const { size, mtimeMs } = lstatSync(file);
      hash.update(`${path.relative(root, file)}\0${size}\0${mtimeMs}\n`);
    }
  }
  return hash.digest('hex');
}

/** Remembers in a file what something was made from, and what was made. */
export class Stamp {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  /** Whether the last `write` was with this very fingerprint, and all its outputs still exist. */
  matches(current: string): boolean {
    return this.#read()?.from === current && this.isWhole();
  }

  /** Whether there was a `write`, and all its outputs still exist. */
  isWhole(): boolean {
    return this.#read()?.outputs.every((output) => existsSync(output)) ?? false;
  }

  /** @param outputs files and folders without which the work is not done. */
  write(current: string, outputs: readonly string[]): void {
    mkdirSync(path.dirname(this.#file), { recursive: true });
    writeFileSync(this.#file, JSON.stringify({ from: current, outputs }));
  }

  #read(): { readonly from: string; readonly outputs: readonly string[] } | undefined {
    try {
      return JSON.parse(readFileSync(this.#file, 'utf8'));
    } catch {
      return undefined;
    }
  }
}

function* walk(place: string): Generator<string> {
  if (!existsSync(place)) return;
  if (!lstatSync(place).isDirectory()) {
    yield place;
    return;
  }
  const entries = readdirSync(place, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const child = path.join(place, entry.name);
    if (entry.isDirectory()) {
      if (!skipped.has(entry.name)) yield* walk(child);
    } else if (!entry.name.endsWith('.tsbuildinfo')) {
      yield child;
    }
  }
}
