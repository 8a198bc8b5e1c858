import { SetupError } from './setup-error.ts';

/** One change to a file of the media worker's source. */
export interface SourceEdit {
  /** Path inside the worker's source. */
  file: string;
  find: string;
  replace: string;
}

/**
 * The text with the one occurrence of `edit.find` replaced.
 * @throws SetupError when the pattern is not there exactly once: the source is another than the edit was made for.
 */
export function applyEdit(text: string, edit: SourceEdit): string {
  const found = text.split(edit.find).length - 1;
  if (found !== 1) {
    throw new SetupError(
      `the media worker's source is not the expected one: ${edit.file} has "${edit.find}" ${found} times instead of once`,
    );
  }
  return text.replace(edit.find, () => edit.replace);
}
