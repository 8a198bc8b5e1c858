import { closeSync, openSync, writeSync } from 'node:fs';

const [width, height] = [1280, 720] as const;
const framesPerSecond = 15;
/** After so many frames it begins again, without a jump. */
const frames = 30;
/** The side of the textures' tile; a texture moves by whole tiles in one round. */
const tile = 256;

/**
 * Writes what the cameras film (Y4M): two textures that cross each other, each with details of all sizes, and some grain. No
 * picture can be told from the one before, so an encoder spends all that it may.
 */
export function writeFilm(file: string): void {
  const [one, other] = [texture(1), texture(2)];
  const out = openSync(file, 'w');
  writeSync(out, `YUV4MPEG2 W${width} H${height} F${framesPerSecond}:1 Ip A1:1 C420jpeg\n`);
  const luma = Buffer.alloc(width * height);
  const chroma = Buffer.alloc((width * height) / 4);
  const random = randomNumbers(3);
  for (let frame = 0; frame < frames; frame++) {
    const shift = Math.round((tile * frame) / frames);
    for (let y = 0; y < height; y++) {
      const [rowOne, rowOther] = [((y + shift) % tile) * tile, ((y + 2 * (tile - shift)) % tile) * tile];
      for (let x = 0; x < width; x++) {
        const sum =
          (one[rowOne + ((x + 2 * shift) % tile)] ?? 0) +
          (other[rowOther + ((x + tile - shift) % tile)] ?? 0);
        luma[y * width + x] = 128 + 60 * sum;
      }
    }
    for (let grain = 0; grain < luma.length / 16; grain++) {
      const at = Math.floor(random() * luma.length);
      luma[at] = Math.min(235, (luma[at] ?? 0) + 10);
    }
    writeSync(out, 'FRAME\n');
    writeSync(out, luma);
    for (const tone of [110, 146]) writeSync(out, chroma.fill(tone));
  }
  closeSync(out);
}

/** A tile whose edges fit each other, of values from -1 to 1. */
function texture(seed: number): Float32Array {
  const values = new Float32Array(tile * tile);
  const random = randomNumbers(seed);
  for (let side = 64; side >= 4; side /= 2) {
    const cells = tile / side;
    const grid = Float32Array.from({ length: cells * cells }, () => random() * 2 - 1);
    const weight = side / 128;
    for (let y = 0; y < tile; y++)
      for (let x = 0; x < tile; x++) {
        const [column, row] = [Math.floor(x / side), Math.floor(y / side)];
        const [across, down] = [x / side - column, y / side - row];
        const value = (dx: number, dy: number) =>
          grid[((row + dy) % cells) * cells + ((column + dx) % cells)] ?? 0;
        const upper = value(0, 0) * (1 - across) + value(1, 0) * across;
        const lower = value(0, 1) * (1 - across) + value(1, 1) * across;
        const at = y * tile + x;
        values[at] = (values[at] ?? 0) + weight * (upper * (1 - down) + lower * down);
      }
  }
  return values;
}

/** The same numbers from 0 to 1 each time. */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
