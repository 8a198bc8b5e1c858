/**
 * `npm run proof`: proves by RTP packets that every permission bit is enforced, whichever way it changes. Standard output
 * is the table, or one JSON object; progress and what failed go to standard error. Ends with 1 when anything failed.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { passed, sayCell } from './cell.ts';
import { cellsOfByte } from './matrix.ts';
import { mutants } from './mutants.ts';
import { type Proof, prove } from './prove.ts';
import { tables } from './report.ts';
import { ways } from './ways.ts';

const help = `Proves by RTP packets that every permission bit is enforced, whichever way it changes.

Usage: npm run proof -- [options]

  --way NAME    only this way, may be given more than once: ${ways.map(({ name }) => name).join(', ')}
  --bytes LIST  only these ticket bytes, like 0,87,170-175
  --attacks     the attacks alone
  --mutants     the mutants alone
  --mutant NAME one of them, may be given more than once: ${mutants.map(({ name }) => name).join(', ')}
  --seed N      chooses the bytes that mutants are tried with by chance (1)
  --json        print the numbers as one JSON object
  --write       renew the tables in docs/proof.md
  --help`;

const page = new URL('../docs/proof.md', import.meta.url);
const begin = '<!-- printed by `npm run proof -- --write` -->\n';
/** Failures that are told one by one. */
const TOLD = 50;

const options = readOptions();
const proof = await prove({
  workerBin: process.env['ROOMKEY_WORKER_BIN'],
  ...options,
  progress: (text) => console.error(text),
});
const failures = failuresOf(proof);
for (const text of failures.slice(0, TOLD)) console.error(text);
if (failures.length > TOLD) console.error(`and ${failures.length - TOLD} more`);
const text = tables(proof, options);
if (options.write) {
  const [before] = readFileSync(page, 'utf8').split(begin);
  writeFileSync(page, `${before}${begin}\n${text}`);
}
console.log(options.json ? JSON.stringify(numbersOf(proof), undefined, 2) : text);
process.exit(failures.length === 0 ? 0 : 1);

function readOptions() {
  const many = { type: 'string', multiple: true } as const;
  const flag = { type: 'boolean', default: false } as const;
  try {
    const { values } = parseArgs({
      options: {
        way: many,
        bytes: { type: 'string' },
        attacks: flag,
        mutants: flag,
        mutant: many,
        seed: { type: 'string', default: '1' },
        json: flag,
        write: flag,
        help: flag,
      },
    });
    if (values.help) {
      console.log(help);
      process.exit(0);
    }
    const chosen = values.way?.map(
      (name) => ways.find((way) => way.name === name) ?? wrong(`no way ${name}`),
    );
    const { attacks, json, write, seed } = values;
    const few = values.mutant?.map(
      (name) => mutants.find((one) => one.name === name) ?? wrong(`no mutant ${name}`),
    );
    const matrix = chosen !== undefined || values.bytes !== undefined;
    const all = !matrix && !attacks && !values.mutants && !few;
    if (write && !all) wrong('--write needs the whole proof');
    if (!/^\d{1,9}$/.test(seed)) wrong('--seed is a whole number');
    const bytes = bytesOf(values.bytes ?? '0-255');
    const shares = all || matrix ? (chosen ?? ways).map((way) => ({ way, bytes })) : [];
    return {
      shares,
      attacks: all || attacks,
      mutants: few ?? (all || values.mutants ? mutants : []),
      seed: Number(seed),
      json,
      write,
    };
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${help}`);
    process.exit(2);
  }
}

function bytesOf(list: string): number[] {
  return list.split(',').flatMap((part) => {
    const [, first = '', last = first] =
      /^(\d{1,3})(?:-(\d{1,3}))?$/.exec(part) ?? wrong(`no bytes: ${part}`);
    const [from, to] = [Number(first), Number(last)];
    if (from > to || to > 255) wrong(`no bytes: ${part}`);
    return Array.from({ length: to - from + 1 }, (_, index) => from + index);
  });
}

function wrong(what: string): never {
  throw new Error(what);
}

function failuresOf({ cells, unmeasured, attacks, mutants: broken }: Proof): string[] {
  return [
    ...cells.filter((cell) => !passed(cell)).map(sayCell),
    ...unmeasured.map(({ way, byte, why }) => `${way}, byte ${byte}: could not be measured: ${why}`),
    ...attacks.flatMap(({ name, problems }) => problems.map((what) => `attack ${name}: ${what}`)),
    ...broken.flatMap(({ name, wrong }) => wrong.map((what) => `mutant ${name}: ${what}`)),
  ];
}

function numbersOf(proof: Proof) {
  const { cells, mutants: broken, clients, sent, arrived, seconds } = proof;
  const good = cells.filter(passed).length;
  const all = options.shares.reduce((sum, { bytes }) => sum + bytes.length * cellsOfByte, 0);
  return {
    cells: all,
    passed: good,
    failed: all - good,
    connections: clients,
    packetsSent: sent,
    packetsCounted: arrived,
    mutants: broken.map(({ name, expected, red }) => ({ name, expected, red })),
    seconds: Math.round(seconds),
  };
}
