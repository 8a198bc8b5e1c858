/** A browser file made from TypeScript; paths are relative to the repository. */
export interface Bundle {
  /** Must exist. */
  entry: string;
  outfile: string;
  format: 'esm' | 'iife';
}

/** Every browser file of the product. */
export const bundles: readonly Bundle[] = [
  { entry: 'packages/sdk/src/index.ts', outfile: 'packages/sdk/dist/roomkey.esm.js', format: 'esm' },
  {
    entry: 'packages/sdk/src/av-room-multi.ts',
    outfile: 'packages/sdk/dist/av-room-multi.esm.js',
    format: 'esm',
  },
  { entry: 'packages/sdk/src/script-tag.ts', outfile: 'packages/sdk/dist/roomkey.js', format: 'iife' },
  { entry: 'packages/demo/src/main.ts', outfile: 'packages/demo/dist/main.js', format: 'esm' },
];

/** Folders that are served as they are, and where they are served from. */
export const statics: readonly { from: string; to: string }[] = [
  { from: 'packages/demo/public', to: 'packages/demo/dist' },
];
