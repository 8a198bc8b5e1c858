import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SourceEdit } from './source-edit.ts';

/** The folder laid over a copy of the worker's source: build files and headers that lead to the system's libraries. */
export const overlay = fileURLToPath(new URL('worker/', import.meta.url));

/** The changes to the worker's own files. */
export const edits: readonly SourceEdit[] = [
  // Nothing in the build files needs the newer meson; Debian 12 has 1.0.1.
  { file: 'meson.build', find: "meson_version: '>= 1.1.0'", replace: "meson_version: '>= 1.0.0'" },
  {
    file: 'meson.build',
    find: "dependency('unordered_dense')",
    replace: "declare_dependency(include_directories: include_directories('shim'))",
  },
  // The operation type is a set of flags. Upstream's `==` answers 1 to every control call, among them "is kernel TLS
  // on?"; an OpenSSL built with kernel TLS believes it, skips its write buffer, and crashes at the first handshake.
  {
    file: 'src/RTC/DtlsTransport.cpp',
    find: '(operationType == BIO_CB_RETURN)',
    replace: '((operationType & BIO_CB_RETURN) != 0)',
  },
];

/** Arguments of `meson setup`, before the build folder's name. */
export const mesonArguments: readonly string[] = [
  '--buildtype=release',
  '-Db_ndebug=true',
  '-Db_pie=true',
  '--wrap-mode=nodownload',
];

/** Changes with everything that decides what the built worker is like. */
export function recipeVersion(): string {
  const hash = createHash('sha256').update(JSON.stringify([edits, mesonArguments]));
  for (const file of listFiles(overlay)) {
    hash.update(`\0${path.relative(overlay, file)}\0`).update(readFileSync(file));
  }
  return hash.digest('hex').slice(0, 8);
}

function listFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
}
