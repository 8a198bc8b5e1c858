import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { describe, expect, test } from 'vitest';
import { settled } from './platform/fake-platform.fixture.ts';
import type { TRTC } from './trtc.ts';

const sourceOf = (file: string) => fileURLToPath(new URL(file, import.meta.url));

async function bundle(file: string, format: 'esm' | 'iife') {
  const { metafile, outputFiles, warnings } = await build({
    entryPoints: [sourceOf(file)],
    bundle: true,
    format,
    platform: 'browser',
    conditions: ['source'],
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  return { inputs: Object.keys(metafile.inputs), text: outputFiles[0]?.text ?? '', warnings };
}

describe.each([
  ['index.ts', 'esm'],
  ['script-tag.ts', 'iife'],
  ['av-room-multi.ts', 'esm'],
] as const)('the browser build of %s', (file, format) => {
  test('reaches nothing that signs, and nothing of Node', async () => {
    const { inputs, text, warnings } = await bundle(file, format);
    expect(warnings).toEqual([]);
    expect(inputs.some((input) => input.includes('packages/tickets/src/permissions/'))).toBe(true);
    const others = inputs.filter(
      (input) => input.includes('packages/tickets/') && !input.includes('/permissions/'),
    );
    expect(others).toEqual([]);
    expect(text).not.toMatch(/node:crypto|createHmac|TLS\.sig/);
  });
});

test('the script-tag build sets the global TRTC, which talks to where the script came from', async () => {
  const { text } = await bundle('script-tag.ts', 'iife');
  const urls: string[] = [];
  class Socket {
    constructor(url: string) {
      urls.push(url);
    }
    close() {}
  }
  const page: { document: object; TRTC?: typeof TRTC } = {
    document: { currentScript: { src: 'https://rooms.test/sdk/roomkey.js' }, removeEventListener() {} },
  };
  const script = new Function('globalThis', 'document', 'WebSocket', 'MediaStream', text);
  script(page, page.document, Socket, class {});
  const trtc = page.TRTC?.create();
  const entering = trtc?.enterRoom({ sdkAppId: 1, userId: 'ana', userSig: 'sig', roomId: 7 });
  const refused = expect(entering).rejects.toMatchObject({ code: page.TRTC?.ERROR_CODE.OPERATION_ABORT });
  await settled();
  await trtc?.exitRoom();
  await refused;
  expect(urls).toEqual(['wss://rooms.test/rtc']);
});
