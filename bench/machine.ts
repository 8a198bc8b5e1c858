import { cpus, release, totalmem, type } from 'node:os';

/** One line about the machine, to stand beside its figures. */
export function describeMachine(): string {
  const cores = cpus();
  const model = cores[0]?.model.trim() || process.arch;
  const gibibytes = Math.round(totalmem() / 2 ** 30);
  return `${cores.length} × ${model}, ${gibibytes} GiB, ${type()} ${release()}, Node ${process.versions.node}`;
}
