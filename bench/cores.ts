import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** The first core that this process may use is for servers, the second for clients. */
export const [serverCore, clientCore] = twoCores();

/** Pins a process with all its threads; those that it starts later inherit it. */
export function pin(pid: number, core: number): void {
  const { status } = spawnSync('taskset', ['--all-tasks', '--cpu-list', '--pid', String(core), String(pid)]);
  if (status !== 0) throw new Error(`taskset (of util-linux) could not pin process ${pid} to core ${core}.`);
}

function twoCores(): readonly [number, number] {
  const [, list = '0'] = /^Cpus_allowed_list:\s+(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  const cores = list.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
  const [server = 0, client] = cores;
  if (client === undefined)
    throw new Error('This needs two cores: one for the servers, one for the clients.');
  return [server, client];
}
