import { cpus, release, totalmem, type } from 'node:os';
import { type Cell, type Change, passed } from './cell.ts';
import { rows } from './permission-model.ts';
import type { Proof, ProofPlan } from './prove.ts';
import { fewBytes, reducedBytes } from './reduced-bytes.ts';
import type { Way } from './way.ts';

const changes: readonly Change[] = ['shrinking', 'growing'];

/** The tables of a proof, in Markdown. */
export function tables(proof: Proof, { shares, seed }: Pick<ProofPlan, 'shares' | 'seed'>): string {
  return [
    ...shares.flatMap(({ way }) => wayTable(way, proof.cells)),
    ...attackTable(proof),
    ...mutantTable(proof, seed),
    ...totals(proof),
  ].join('\n');
}

function wayTable({ name, says, combined }: Way, cells: readonly Cell[]): string[] {
  const own = cells.filter((cell) => cell.way === name);
  const heads = changes.flatMap((change) => [`${change}: cells`, 'flowed', 'stopped', 'failed']);
  return [
    `### ${name}`,
    '',
    ...changes.map((change) => `- ${change}: ${says[change]}`),
    `- combined: ${combined}`,
    '',
    `| row | ${heads.join(' | ')} |`,
    `| --- | ${heads.map(() => '---:').join(' | ')} |`,
    ...rows.map(({ direction, slot }) => {
      const counts = changes.flatMap((change) =>
        countsOf(
          own.filter((cell) => cell.change === change && cell.direction === direction && cell.slot === slot),
        ),
      );
      return `| ${direction} ${slot} | ${counts.join(' | ')} |`;
    }),
    '',
  ];
}

function attackTable({ attacks }: Proof): string[] {
  if (attacks.length === 0) return [];
  return [
    '### Attacks',
    '',
    '| attack | what is tried | packets that must not arrive | arrived | packets of the controls meanwhile | requests refused | failed |',
    '| --- | --- | ---: | ---: | ---: | ---: | ---: |',
    ...attacks.map(
      ({ name, says, sent, arrived, control, refused, problems }) =>
        `| ${name} | ${says} | ${sent} | ${arrived} | ${control} | ${refused} | ${problems.length} |`,
    ),
    '',
  ];
}

function mutantTable({ mutants }: Proof, seed: number): string[] {
  if (mutants.length === 0) return [];
  return [
    '### Mutants',
    '',
    `Bytes: ${reducedBytes(seed).join(', ')}; of the ways that a mutant must leave green ${fewBytes.join(', ')} alone.`,
    '',
    '| mutant | what is wrong | cells | must be red | are red | not as named |',
    '| --- | --- | ---: | ---: | ---: | ---: |',
    ...mutants.map(
      ({ name, says, cells, expected, red, wrong }) =>
        `| ${name} | ${says} | ${cells} | ${expected} | ${red} | ${wrong.length} |`,
    ),
    '',
  ];
}

function countsOf(cells: readonly Cell[]): readonly number[] {
  const good = cells.filter(passed);
  const flowed = good.filter(({ expected }) => expected).length;
  return [cells.length, flowed, good.length - flowed, cells.length - good.length];
}

function totals({ cells, repeated, clients, sent, arrived, seconds }: Proof): string[] {
  const good = cells.filter(passed).length;
  return [
    '### Altogether',
    '',
    '| | |',
    '| --- | ---: |',
    `| cells | ${cells.length} |`,
    `| passed | ${good} |`,
    `| failed | ${cells.length - good} |`,
    `| bytes begun again, for want of packets that nobody forbids | ${repeated} |`,
    `| connections: a WebSocket and two DTLS associations each | ${clients} |`,
    `| RTP packets sent by clients | ${sent} |`,
    `| RTP packets that arrived at clients | ${arrived} |`,
    `| seconds | ${seconds.toFixed()} |`,
    '',
    `Machine: ${describeMachine()}.`,
    '',
  ];
}

function describeMachine(): string {
  const cores = cpus();
  const model = cores[0]?.model.trim() || process.arch;
  const gibibytes = Math.round(totalmem() / 2 ** 30);
  return `${cores.length} × ${model}, ${gibibytes} GiB, ${type()} ${release()}, Node ${process.versions.node}`;
}
