import {
  decodeTicket,
  TicketIssuer,
  ticketFingerprint,
  verifyPrivateMapKey,
  verifyUserSig,
} from '@roomkey/tickets';
import { describe, expect, test } from 'vitest';
import { run } from '../program.ts';

const secretKey = 'f0'.repeat(32);
const sdkAppId = 1_400_000_001;
const app = ['--sdk-app-id', String(sdkAppId), '--user-id', 'alice'];
const options = { sdkAppId, secretKeys: secretKey, userId: 'alice' };
const env = { ROOMKEY_SECRET_KEY: secretKey };
const issuer = new TicketIssuer({ sdkAppId, secretKey });

/** Runs `roomkey ticket …` and tells all that it did. */
async function ticket(
  args: readonly string[],
  { stdin = '', ...rest }: { env?: NodeJS.ProcessEnv; stdin?: string } = {},
) {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await run(['ticket', ...args], {
    env: rest.env ?? env,
    stdin: (async function* () {
      yield stdin;
    })(),
    out: (text) => void out.push(text),
    flushed: async () => {},
    err: (text) => void err.push(text),
  });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

describe('user-sig', () => {
  test('prints a UserSig and nothing else', async () => {
    const { code, out, err } = await ticket(['user-sig', ...app, '--expire', '60']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const { issuedAt, expiresAt } = verifyUserSig(out, options);
    expect(expiresAt - issuedAt).toBe(60);
  });

  test('is good for a day unless something else is said', async () => {
    expect(decodeTicket((await ticket(['user-sig', ...app])).out).expire).toBe(86_400);
  });

  test('with --json prints one object that also says what is in the ticket', async () => {
    const { out } = await ticket(['user-sig', ...app, '--json']);
    const { ticket: text, ...said } = JSON.parse(out);
    expect(said).toEqual(decodeTicket(text));
  });

  test.each(['a\nb', '\ud800', ''])('the user id %j is a fault of the command line', async (userId) => {
    const { code, out, err } = await ticket(['user-sig', '--sdk-app-id', '1', '--user-id', userId]);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/^error: /);
  });
});

describe('private-map-key', () => {
  test('prints a PrivateMapKey for a room of either kind', async () => {
    const numbered = await ticket(['private-map-key', ...app, '--room-id', '123', '--permissions', '42']);
    expect(verifyPrivateMapKey(numbered.out, { ...options, roomId: 123 }).permissions).toBe(42);
    const named = await ticket(['private-map-key', ...app, '--str-room-id', '123', '--permissions', '42']);
    expect(verifyPrivateMapKey(named.out, { ...options, strRoomId: '123' }).permissions).toBe(42);
  });

  test.each([
    ['0', 0],
    ['255', 255],
    ['anchor', 255],
    ['audience', 170],
    ['enterRoom', 2],
    ['enterRoom,recvAudio', 10],
    ['recvAudio, enterRoom ,recvAudio', 10],
  ])('--permissions %s is %i', async (text, bits) => {
    const { out } = await ticket(['private-map-key', ...app, '--room-id', '1', '--permissions', text]);
    expect(decodeTicket(out).userbuf?.permissions).toBe(bits);
  });

  test.each(['256', '-1', '1.5', '', 'admin', 'anchor,enterRoom', 'toString', 'enterroom', '0x2a'])(
    '--permissions %j is a fault of the command line, and says what may stand there',
    async (text) => {
      const args = ['private-map-key', ...app, '--room-id', '1', `--permissions=${text}`];
      const { code, out, err } = await ticket(args);
      expect({ code, out }).toEqual({ code: 2, out: '' });
      expect(err).toMatch(/0 to 255, anchor or audience, or some of createRoom,enterRoom/);
    },
  );

  test.each([[[]], [['--room-id', '1', '--str-room-id', 'r']], [['--room-id', '0']], [['--room-id', 'r']]])(
    'the room %j is a fault of the command line',
    async (room) => {
      const { code, out } = await ticket(['private-map-key', ...app, '--permissions', 'anchor', ...room]);
      expect({ code, out }).toEqual({ code: 2, out: '' });
    },
  );
});

describe('verify', () => {
  const userSig = issuer.genUserSig('alice', 60);
  const key = issuer.genPrivateMapKey('alice', 60, 123, 170);
  const named = issuer.genPrivateMapKeyWithStringRoomID('alice', 60, 'Łódź', 2);

  test('says what a good ticket proves, read from standard input or an argument', async () => {
    for (const [args, stdin] of [
      [[userSig], ''],
      [[], `${userSig}\r\n`],
      [['-'], ` ${userSig}\n`],
    ] as const) {
      const { code, out, err } = await ticket(['verify', ...app, ...args], { stdin });
      expect({ code, err }).toEqual({ code: 0, err: '' });
      expect(out).toMatch(/^verified +UserSig\nSDKAppID +1400000001\nuser +alice\nissued/);
    }
  });

  test('with a room takes a PrivateMapKey, and names its permissions', async () => {
    const { code, out } = await ticket(['verify', ...app, '--room-id', '123', key]);
    expect(code).toBe(0);
    expect(out).toMatch(
      /^room +123 \(number\)\npermissions +170 \(enterRoom, recvAudio, recvVideo, recvSub\)$/m,
    );
    const text = await ticket(['verify', ...app, '--str-room-id', 'Łódź', named]);
    expect(text.out).toMatch(/^room +Łódź \(text\)$/m);
  });

  test('with --json prints the claims, or the reason of the refusal', async () => {
    const good = await ticket(['verify', ...app, '--room-id', '123', '--json', key]);
    expect(JSON.parse(good.out)).toEqual({
      ok: true,
      ...verifyPrivateMapKey(key, { ...options, roomId: 123 }),
    });
    const bad = await ticket(['verify', ...app, '--room-id', '124', '--json', key]);
    expect(JSON.parse(bad.out)).toEqual({ ok: false, reason: 'wrongRoom', message: expect.any(String) });
    expect(bad.code).toBe(1);
  });

  test.each([
    ['malformed', [`${userSig}x`]],
    ['malformed', ['']],
    ['wrongUser', [issuer.genUserSig('bob', 60)]],
    ['wrongApplication', [new TicketIssuer({ sdkAppId: 1, secretKey }).genUserSig('alice', 60)]],
    ['forged', [new TicketIssuer({ sdkAppId, secretKey: 'another' }).genUserSig('alice', 60)]],
    ['notAPrivateMapKey', ['--room-id', '123', userSig]],
    ['notAUserSig', [key]],
    ['expired', ['--at', '4000000000', userSig]],
    ['issuedInFuture', ['--at', '1000000000', userSig]],
  ])('ends with 1 and the reason %s', async (reason, args) => {
    const { code, out, err } = await ticket(['verify', ...app, ...args]);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(new RegExp(`^roomkey: refused \\(${reason}\\): `));
  });

  test('standard input cannot be both the ticket and the key', async () => {
    const { code, err } = await ticket(['verify', ...app, '--secret-stdin'], { stdin: secretKey });
    expect(code).toBe(2);
    expect(err).toContain('both');
    expect(
      (await ticket(['verify', ...app, '--secret-stdin', userSig], { stdin: `${secretKey}\n` })).code,
    ).toBe(0);
  });

  test('an endless standard input is not read to its end', async () => {
    const { code, err } = await ticket(['verify', ...app], { stdin: 'A'.repeat(1_000_000) });
    expect(code).toBe(1);
    expect(err).toContain('longer than 16 KiB');
  });
});

describe('inspect', () => {
  test('says what a ticket says, without a key', async () => {
    const key = new TicketIssuer({ sdkAppId, secretKey: 'unknown' }).genPrivateMapKey('alice', 60, 123, 42);
    const { code, out, err } = await ticket(['inspect'], { env: {}, stdin: key });
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^not verified +PrivateMapKey$/m);
    expect(out).toMatch(/^permissions +42 \(enterRoom, recvAudio, recvVideo\)$/m);
    expect(out).toMatch(/^fingerprint +[0-9a-f]{64}$/m);
    const json = await ticket(['inspect', '--json'], { stdin: key });
    expect(JSON.parse(json.out)).toEqual({ ...decodeTicket(key), fingerprint: ticketFingerprint(key) });
  });

  test('remarks on what would be refused', async () => {
    const old = new TicketIssuer({ sdkAppId, secretKey, now: 1_700_000_000 }).genUserSig('alice', 60);
    const { code, err } = await ticket(['inspect', old]);
    expect({ code, err }).toEqual({ code: 0, err: 'It has expired.' });
  });

  test.each([
    ['user-sig', ['--user-id', '@all'], /^Nobody can enter with it\. A user id is/],
    ['user-sig', ['--user-id', 'a b'], /^Nobody can enter with it\. A user id is/],
    [
      'private-map-key',
      ['--user-id', 'a', '--room-id', '4294967295'],
      /^Nobody can enter with it\. A numeric room/,
    ],
    [
      'private-map-key',
      ['--user-id', 'a', '--str-room-id', 'a/b'],
      /^Nobody can enter with it\. A string room/,
    ],
  ])(
    'an id that no server takes is remarked on when %s signs it for %j, and when it is read',
    async (name, ids, remark) => {
      const bits = name === 'user-sig' ? [] : ['--permissions', '255'];
      const signed = await ticket([name, '--sdk-app-id', '7', ...ids, ...bits]);
      expect(signed.code).toBe(0);
      expect(signed.err).toMatch(remark);
      expect((await ticket(['inspect', signed.out])).err).toMatch(remark);
    },
  );

  test('a text that would steer the terminal is shown in escapes', async () => {
    const { out } = await ticket(['inspect', issuer.genUserSig('\u001b[2J\u202ealice', 60)]);
    expect(out).toContain('"\\u001b[2J\\u{202e}alice"');
    expect(out).not.toMatch(/[^\n\P{C}]/u);
  });

  test('what is no ticket is refused', async () => {
    expect(await ticket(['inspect'], { stdin: 'nonsense!' })).toMatchObject({ code: 1, out: '' });
  });
});

describe('the secret key', () => {
  test('is the one of an option before the one of the environment', async () => {
    const { out } = await ticket(['user-sig', ...app, '--secret-stdin'], { stdin: 'another key\n' });
    expect(verifyUserSig(out, { ...options, secretKeys: 'another key' }).userId).toBe('alice');
  });

  test('is asked for when nothing gives it', async () => {
    for (const bare of [{}, { ROOMKEY_SECRET_KEY: '' }]) {
      const { code, out, err } = await ticket(['user-sig', ...app], { env: bare });
      expect({ code, out }).toEqual({ code: 2, out: '' });
      expect(err).toMatch(/ROOMKEY_SECRET_KEY.*--secret-file.*--secret-stdin/);
    }
  });

  test('cannot be an argument, and is not repeated when it is one', async () => {
    for (const args of [
      ['--key', secretKey],
      [`--key=${secretKey}`],
      ['--secret-key', secretKey],
      [secretKey],
    ]) {
      const { code, out, err } = await ticket(['user-sig', ...app, ...args]);
      expect({ code, out }).toEqual({ code: 2, out: '' });
      expect(err).not.toContain(secretKey);
    }
  });
});

test.each(['--all', '-h', '--help', '-V', '--json', '--'])('%s as a user id is one', async (userId) => {
  const { code, out } = await ticket(['user-sig', '--sdk-app-id', String(sdkAppId), '--user-id', userId]);
  expect(code).toBe(0);
  expect(verifyUserSig(out, { ...options, userId }).userId).toBe(userId);
});

test('a secret key in the variable is read as one in a file: what holds more is refused', async () => {
  for (const secret of [`\ufeff${secretKey}`, ` ${secretKey}`, `${secretKey}\n\n`]) {
    const { code, out, err } = await ticket(['user-sig', ...app], { env: { ROOMKEY_SECRET_KEY: secret } });
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain('in the variable ROOMKEY_SECRET_KEY');
  }
  const ended = await ticket(['user-sig', ...app], { env: { ROOMKEY_SECRET_KEY: `${secretKey}\n` } });
  expect(verifyUserSig(ended.out, options).userId).toBe('alice');
});
