/**
 * The text in a zlib stream, or undefined where the browser cannot read such streams (`DecompressionStream`: Chromium 80,
 * Firefox 113, Safari 16.4).
 *
 * @throws {TypeError} unless it is a zlib stream
 */
export async function inflatedText(bytes: Uint8Array<ArrayBuffer>): Promise<string | undefined> {
  if (typeof DecompressionStream === 'undefined') return undefined;
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate'));
  return new Response(stream).text();
}
