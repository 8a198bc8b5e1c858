import { encodeNotice, type Notice } from '@roomkey/protocol';

const written = new WeakMap<Notice, string>();

/** A notice as text. A notice that goes to many members is written once. */
export function writtenNotice(notice: Notice): string {
  const known = written.get(notice);
  if (known !== undefined) return known;
  const text = encodeNotice(notice.method, notice.params);
  written.set(notice, text);
  return text;
}
