import { writeFileSync } from 'node:fs';
import { randomNumbers } from './film.ts';

const rate = 48_000;
const seconds = 8;
/** Resonances of the mouth for some vowels, in Hz. */
const vowels = [
  [730, 1090, 2440],
  [270, 2290, 3010],
  [300, 870, 2240],
  [530, 1840, 2480],
] as const;

/** Writes what the microphones record (WAV): somebody who speaks without a pause, four syllables a second, with a changing pitch. */
export function writeVoice(file: string): void {
  const samples = new Int16Array(rate * seconds);
  const random = randomNumbers(4);
  const resonances = [0, 1, 2].map(() => ({ one: 0, two: 0 }));
  let phase = 0;
  for (let at = 0; at < samples.length; at++) {
    const time = at / rate;
    const syllable = Math.floor(time * 4);
    const pitch = 120 + 25 * Math.sin(2 * Math.PI * 0.5 * time) + 10 * Math.sin(2 * Math.PI * 3 * time);
    phase += pitch / rate;
    const pulse = phase >= 1 ? 1 : 0;
    phase %= 1;
    const breath = (random() * 2 - 1) * 0.02;
    const loud = 0.35 + 0.65 * Math.sin(Math.PI * ((time * 4) % 1)) ** 2;
    const vowel = vowels[syllable % vowels.length] ?? vowels[0];
    const sound = vowel.reduce((sum, frequency, index) => {
      const state = resonances[index];
      if (!state) return sum;
      const radius = Math.exp((-Math.PI * (60 + 40 * index)) / rate);
      const value =
        pulse +
        breath +
        2 * radius * Math.cos((2 * Math.PI * frequency) / rate) * state.one -
        radius ** 2 * state.two;
      state.two = state.one;
      state.one = value;
      return sum + value / (12 * (index + 1));
    }, 0);
    samples[at] = Math.max(-1, Math.min(1, sound * loud * 0.35)) * 30_000;
  }
  writeFileSync(file, Buffer.concat([header(samples.byteLength), Buffer.from(samples.buffer)]));
}

/** Of a WAV file with one channel of 16 bits. */
function header(bytes: number): Buffer {
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + bytes, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(rate, 24);
  head.writeUInt32LE(rate * 2, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write('data', 36);
  head.writeUInt32LE(bytes, 40);
  return head;
}
