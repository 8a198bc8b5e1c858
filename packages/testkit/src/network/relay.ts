import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Namespace } from './namespace.ts';

/** Between a member and the server; every packet, and every piece of a TCP stream, is held for a while. */
export interface RelayPlan {
  /** Where it listens. */
  readonly at: string;
  /** Where it passes on, with the same port. */
  readonly to: string;
  readonly udpPorts: readonly number[];
  readonly tcpPorts: readonly number[];
  /** Milliseconds each way. */
  readonly delayMs: number;
}

/** The whole program of the process. */
const PROGRAM = `
  const net = require('node:net');
  const dgram = require('node:dgram');
  const { at, to, udpPorts, tcpPorts, delayMs } = JSON.parse(process.argv[1]);
  const later = (job) => setTimeout(job, delayMs);
  const listening = [];
  for (const port of udpPorts) {
    const near = dgram.createSocket('udp4');
    const fars = new Map();
    near.on('message', (packet, { address, port: from }) => {
      const client = address + ':' + from;
      let far = fars.get(client);
      if (!far) {
        far = dgram.createSocket('udp4');
        far.on('message', (answer) => later(() => near.send(answer, from, address, () => {})));
        fars.set(client, far);
      }
      later(() => far.send(packet, port, to, () => {}));
    });
    listening.push(new Promise((resolve) => near.bind(port, at, resolve)));
  }
  for (const port of tcpPorts) {
    const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
      const far = net.connect({ port, host: to, allowHalfOpen: true, noDelay: true });
      for (const [from, other] of [[near, far], [far, near]]) {
        from.on('data', (piece) => later(() => other.writable && other.write(piece)));
        from.on('end', () => later(() => other.end()));
        from.on('error', () => later(() => other.destroy()));
      }
    });
    listening.push(new Promise((resolve) => server.listen(port, at, resolve)));
  }
  Promise.all(listening).then(() => console.log('ready'));
  process.stdin.on('end', () => process.exit()).resume();
`;

/** A relay as a process in a namespace. It ends with this process. */
export async function startRelay(namespace: Namespace, plan: RelayPlan): Promise<ChildProcess> {
  const [command = '', ...args] = [
    ...namespace.command,
    process.execPath,
    '-e',
    PROGRAM,
    '--',
    JSON.stringify(plan),
  ];
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  await Promise.race([
    once(child.stdout, 'data'),
    once(child, 'exit').then(() => Promise.reject(new Error('the relay did not start'))),
  ]);
  return child;
}
