import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeHome, selfSignedCertificate } from '@roomkey/testkit';
import { pino } from 'pino';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { TrustedProxies } from './client-address.ts';
import { HttpServer } from './http/index.ts';
import { SignalingEdge, signalingPath } from './signaling/index.ts';
import { systemClock } from './system-clock.ts';

/** The blocks of `docs/reverse-proxy.md`. */
const page = readFileSync(new URL('../../../docs/reverse-proxy.md', import.meta.url), 'utf8');
const blockOf = (language: string): string =>
  new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(page)?.[1] ?? '';

const isInstalled = (program: string) => spawnSync(program, ['-v']).error === undefined;

/** A program that stands before a server, on a port of its own; returns where it is reached. */
type Proxy = (serverPort: number, folder: string) => Promise<{ url: string; command: string[] }>;

/** Replaces what the documentation can only name as an example; each text has to be there. */
function adapt(block: string, changes: Readonly<Record<string, string>>): string {
  return Object.entries(changes).reduce((text, [from, to]) => {
    expect(text).toContain(from);
    return text.replaceAll(from, to);
  }, block);
}

const nginx: Proxy = async (serverPort, folder) => {
  const port = await freePort();
  const { cert, key } = selfSignedCertificate();
  writeFileSync(join(folder, 'fullchain.pem'), cert);
  writeFileSync(join(folder, 'privkey.pem'), key);
  const block = adapt(blockOf('nginx'), {
    '/etc/ssl/rooms.example.com': folder,
    '127.0.0.1:8080': `127.0.0.1:${serverPort}`,
    'listen 443 ssl': `listen 127.0.0.1:${port} ssl`,
    'listen [::]:443 ssl;': '',
    'rooms.example.com': 'localhost',
  });
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${join(folder, name)};`)
    .join('\n');
  const file = join(folder, 'nginx.conf');
  writeFileSync(
    file,
    `daemon off;\npid ${join(folder, 'pid')};\nerror_log stderr;\nevents {}\nhttp {\naccess_log off;\n${temporary}\n${block}\n}\n`,
  );
  return { url: `https://localhost:${port}`, command: ['nginx', '-p', folder, '-c', file] };
};

const caddy: Proxy = async (serverPort, folder) => {
  const port = await freePort();
  // A certificate would be fetched from outside.
  const block = adapt(blockOf('caddyfile'), {
    'rooms.example.com': `http://localhost:${port}`,
    '127.0.0.1:8080': `127.0.0.1:${serverPort}`,
  });
  const file = join(folder, 'Caddyfile');
  writeFileSync(file, `{\n\tadmin off\n}\n${block}`);
  return {
    url: `http://localhost:${port}`,
    command: ['caddy', 'run', '--adapter', 'caddyfile', '--config', file],
  };
};

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

/** A server with its edge, and a proxy before it. */
async function serverBehind(proxy: Proxy) {
  const trustedProxies = new TrustedProxies(['127.0.0.1']);
  const log = pino({ level: 'silent' });
  const edge = new SignalingEdge({
    home: new FakeHome(),
    clock: systemClock,
    limits: {
      maxMessageBytes: 65_536,
      requestsPerSecond: 1000,
      changesPerSecond: 1000,
      pendingRequests: 64,
      enterSeconds: 60,
      pingSeconds: 60,
    },
    server: 'roomkey test',
    rtpCapabilities: { codecs: [] },
    maxConnections: 100,
    maxOutsidePerAddress: 2,
    trustedProxies,
    log,
  });
  const http = await HttpServer.listen({
    host: '127.0.0.1',
    port: 0,
    clock: systemClock,
    log,
    server: 'roomkey test',
    ready: {},
    metrics: { contentType: 'text/plain', text: async () => 'up 1' },
    sdkDir: '/nonexistent',
    demo: { dir: import.meta.dirname, signer: () => ({ sdkAppId: 1, secretKey: 'the key of the demo' }) },
    webSockets: { [signalingPath]: edge },
    trustedProxies,
  });
  onTestFinished(async () => {
    await edge.stop({ withinMs: 0 });
    await http.stop({ withinMs: 0 });
  });
  const folder = mkdtempSync(join(tmpdir(), 'roomkey-proxy-'));
  mkdirSync(join(folder, 'home'));
  const { url, command } = await proxy(http.port, folder);
  const [program = '', ...args] = command;
  const child = spawn(program, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PATH: process.env['PATH'], HOME: join(folder, 'home') },
  });
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  onTestFinished(async () => {
    if (child.exitCode === null) {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    rmSync(folder, { recursive: true, force: true });
  });
  vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
  onTestFinished(() => void vi.unstubAllEnvs());
  const health = () => fetch(`${url}/healthz`).catch((error) => ({ status: `${error}\n${said}` }));
  await vi.waitFor(async () => expect((await health()).status).toBe(200), 20_000);
  return { url, edge };
}

describe.each([
  ['nginx', nginx],
  ['caddy', caddy],
] as const)('behind %s as the documentation configures it', (name, proxy) => {
  // Set-up does not install them: their packages start a web server on port 80.
  const absent = !isInstalled(name) && `${name} is not installed`;

  test.skipIf(absent)(
    `pages are served, and what is for this computer is not given through it${absent ? ` (${absent})` : ''}`,
    async () => {
      const { url } = await serverBehind(proxy);
      expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ ok: true });
      expect((await fetch(`${url}/metrics`)).status).toBe(403);
      const asked = await fetch(`${url}/demo/tickets`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin: url },
        body: JSON.stringify({ userId: 'ana', roomId: 7, permissions: 255 }),
      });
      expect(await asked.json()).toMatchObject({ error: { name: 'forwarded' } });
    },
  );

  test.skipIf(absent)(
    `WebSockets open, and count by the address of the client, whatever it says itself${absent ? ` (${absent})` : ''}`,
    async () => {
      const { url, edge } = await serverBehind(proxy);
      const open = async (localAddress: string, says: string) => {
        const socket = new WebSocket(`${url.replace(/^http/, 'ws')}${signalingPath}`, {
          localAddress,
          family: 4,
          rejectUnauthorized: false,
          headers: { 'x-forwarded-for': says },
        });
        onTestFinished(() => socket.terminate());
        socket.on('error', () => {});
        const [data] = await once(socket, 'message');
        expect(String(data)).toContain('"welcome"');
        return socket;
      };
      const honest = await open('127.0.0.3', '9.9.9.9');
      for (let i = 1; i <= 5; i++) await open('127.0.0.2', `192.0.2.${i}`);
      await vi.waitFor(() => expect(edge.connections).toBe(3));
      expect(honest.readyState).toBe(WebSocket.OPEN);
    },
  );
});
