import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TicketIssuer } from '@roomkey/tickets';
import { afterEach, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { type AdminClient, openAdmin } from './admin/index.ts';

const packageFolder = fileURLToPath(new URL('../', import.meta.url));
const undo: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of undo.splice(0).reverse()) await end();
});

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, never>;
  readonly error?: { readonly data: { readonly name: string } };
}

/** A server whose journal is on a small disk of its own. */
class ServerOnSmallDisk {
  readonly #child: ChildProcess;
  readonly #parent: string;
  output = '';

  private constructor(child: ChildProcess, parent: string) {
    this.#child = child;
    this.#parent = parent;
    const heard = (chunk: Buffer) => {
      this.output += chunk.toString();
    };
    child.stdout?.on('data', heard);
    child.stderr?.on('data', heard);
  }

  static async start(): Promise<ServerOnSmallDisk> {
    const parent = mkdtempSync(join(tmpdir(), 'roomkey-full-'));
    undo.push(() => rmSync(parent, { recursive: true }));
    for (const name of ['data', 'small']) mkdirSync(join(parent, name), { mode: 0o700 });
    chmodSync(parent, 0o755);
    // The disks exist for this process alone, and need no rights: user namespaces.
    const script = `
      mount -t tmpfs -o size=64m,mode=700 data ${parent}/data &&
      mount -t tmpfs -o size=16m,mode=700 small ${parent}/small &&
      : > ${parent}/small/journal.db && chmod 600 ${parent}/small/journal.db &&
      ln -s ${parent}/small/journal.db ${parent}/data/journal.db &&
      exec "$@"`;
    const node = [process.execPath, '--conditions=source', '--import', 'tsx', '--input-type=module', '-e'];
    const program = `import { runServer } from './src/index.ts'; await runServer(process.env, console.log);`;
    const args = ['--user', '--map-root-user', '--mount', 'sh', '-c', script, 'sh', ...node, program];
    const child = spawn('unshare', args, {
      cwd: packageFolder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        ROOMKEY_DATA_DIR: join(parent, 'data'),
        ROOMKEY_PORT: '0',
        ROOMKEY_MEDIA_PORT: '0',
        ROOMKEY_WORKERS: '1',
        ROOMKEY_DEMO: 'off',
      },
    });
    undo.push(async () => {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    });
    const server = new ServerOnSmallDisk(child, parent);
    await vi.waitFor(() => expect(server.output).toContain('Roomkey is ready'), 40_000);
    return server;
  }

  get url(): string {
    return /Roomkey is ready at (\S+)/.exec(this.output)?.[1] ?? '';
  }

  /** A file as the server sees it. */
  #seen(...name: string[]): string {
    return join(`/proc/${this.#child.pid}/root`, this.#parent, ...name);
  }

  get issuer(): TicketIssuer {
    const text = readFileSync(this.#seen('data', 'first-run.txt'), 'utf8');
    return new TicketIssuer({ sdkAppId, secretKey: /^secret key\s+(\S+)/m.exec(text)?.[1] ?? '' });
  }

  fillDisk(): void {
    const block = Buffer.alloc(65_536);
    for (const size of [65_536, 4096, 256, 1])
      for (;;) {
        try {
          appendFileSync(this.#seen('small', 'ballast'), block.subarray(0, size));
        } catch {
          break;
        }
      }
  }

  emptyDisk(): void {
    rmSync(this.#seen('small', 'ballast'));
  }

  async admin(): Promise<AdminClient> {
    const admin = await openAdmin({ folder: this.#seen('data') });
    undo.push(() => admin.close());
    return admin;
  }

  async figure(name: string): Promise<number> {
    const text = await (await fetch(`${this.url}/metrics`)).text();
    return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
  }

  async ready(): Promise<unknown> {
    return (await fetch(`${this.url}/readyz`)).json();
  }
}

const sdkAppId = 1_400_000_001;
const room = { roomId: 1 };

/** A member over a WebSocket. */
class Member {
  readonly #socket: WebSocket;
  readonly told: Message[] = [];
  #last = 0;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data) => this.told.push(JSON.parse(String(data))));
    undo.push(() => socket.terminate());
  }

  /** Asks to enter room 1. */
  static async ask(server: ServerOnSmallDisk, userId: string, more: object = {}): Promise<[Member, Message]> {
    const member = new Member(new WebSocket(`${server.url.replace('http', 'ws')}/rtc`));
    const { rtpCapabilities } = (await member.notice('welcome')).params ?? {};
    const answer = await member.ask('enter', {
      sdkAppId,
      userId,
      userSig: server.issuer.genUserSig(userId, 600),
      privateMapKey: server.issuer.genPrivateMapKey(userId, 600, 1, 255),
      scene: 'rtc',
      role: 'anchor',
      rtpCapabilities,
      ...room,
      ...more,
    });
    return [member, answer];
  }

  static async enter(server: ServerOnSmallDisk, userId: string, more: object = {}): Promise<Member> {
    const [member, answer] = await Member.ask(server, userId, more);
    expect(answer.error).toBeUndefined();
    return member;
  }

  async ask(method: string, params: object): Promise<Message> {
    const id = ++this.#last;
    this.#socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    return this.#find((message) => message.id === id);
  }

  notice(method: string): Promise<Message> {
    return this.#find((message) => message.method === method);
  }

  has(method: string): boolean {
    return this.told.some((message) => message.method === method);
  }

  /** Publishes a microphone. */
  async speak(): Promise<void> {
    const { result } = await this.ask('openTransport', { direction: 'send' });
    const codecs = [{ mimeType: 'audio/opus', payloadType: 111, clockRate: 48_000, channels: 2 }];
    const rtpParameters = { mid: '0', codecs, encodings: [{ ssrc: 1234 }] };
    const asked = { transportId: result?.['transportId'], slot: 'microphone', rtpParameters, muted: false };
    expect((await this.ask('publish', asked)).error).toBeUndefined();
  }

  #find(fits: (message: Message) => boolean): Promise<Message> {
    return vi.waitFor(() => {
      const found = this.told.find(fits);
      if (!found) throw new Error('not told yet');
      return found;
    }, 20_000);
  }
}

test('on a full disk nothing is given and everything is taken; when there is room, what waited is on record in order', async ({
  skip,
}) => {
  const small = ['--user', '--map-root-user', '--mount', 'mount', '-t', 'tmpfs', 'small', tmpdir()];
  const { status } = spawnSync('unshare', small);
  skip(
    status !== 0,
    'This computer has no unshare, or gives nobody a namespace: a full disk is not to be had here.',
  );

  const server = await ServerOnSmallDisk.start();
  const admin = await server.admin();
  const [ana, bob, dan] = [
    await Member.enter(server, 'ana'),
    await Member.enter(server, 'bob', { authBits: 0 }),
    await Member.enter(server, 'dan'),
  ];
  await Member.enter(server, 'zoe');
  await ana.speak();
  await dan.speak();
  await bob.ask('openTransport', { direction: 'recv' });
  await admin.call('member.setDenied', { sdkAppId, room, users: { only: ['dan'] }, mask: 16, value: 16 });
  const before = (await admin.call('journal.verify', {})).upTo;
  server.fillDisk();

  expect((await Member.ask(server, 'eve'))[1].error?.data.name).toBe('journalUnavailable');
  expect((await bob.ask('changeAuthority', { authBits: 8 })).error?.data.name).toBe('journalUnavailable');
  await expect(
    admin.call('member.setDenied', { sdkAppId, room, users: { only: ['dan'] }, mask: 16, value: 0 }),
  ).rejects.toMatchObject({ code: 'journalUnavailable' });
  expect(await server.ready()).toEqual({
    ready: false,
    checks: { media: true, mediaDescriptors: true, mediaMemory: true, rooms: true, journal: false },
  });
  expect(server.output).toMatch(
    /"level":"error".*journal\.db cannot grow: the disk is full.*journal cannot be written/,
  );

  await admin.call('member.setDenied', { sdkAppId, room, users: { only: ['dan'] }, mask: 4, value: 4 });
  expect(dan.has('trackClosed')).toBe(true);
  await admin.call('member.kick', { sdkAppId, room, userIds: ['zoe'] });
  await admin.call('tickets.revoke', { sdkAppId, tickets: { userId: 'dan' } });
  await dan.notice('removed');
  const failures = await server.figure('roomkey_journal_failures_total');
  await vi.waitFor(
    async () => expect(await server.figure('roomkey_journal_failures_total')).toBeGreaterThan(failures + 1),
    20_000,
  );
  expect(await server.figure('roomkey_journal_waiting')).toBeGreaterThan(5);
  expect(bob.has('consumerOpened')).toBe(false);

  server.emptyDisk();
  expect((await bob.notice('consumerOpened')).params).toMatchObject({ userId: 'ana', slot: 'microphone' });
  await vi.waitFor(async () => expect(await server.ready()).toMatchObject({ ready: true }), 20_000);
  expect(server.output).toContain('journal is written again');
  await Member.enter(server, 'eve');

  const { records } = await admin.call('journal.list', { order: 'oldest', after: before, limit: 500 });
  expect(records.map(({ kind, userId, cause }) => `${kind} ${userId} ${cause}`)).toEqual([
    'entered eve privateMapKey',
    'left eve journalUnavailable',
    'granted bob authBits',
    'denied dan operator',
    'taken dan operator',
    'kicked zoe operator',
    'left zoe kicked',
    'revoked dan operator',
    'left dan userSigRevoked',
    'entered eve privateMapKey',
  ]);
  expect((await admin.call('journal.verify', {})).finding).toBeUndefined();
});
