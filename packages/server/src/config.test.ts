import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { settingEntries } from './config/settings.ts';
import {
  ConfigError,
  checkFiles,
  configurationTable,
  describeConfig,
  loadConfig,
  readTls,
} from './config.ts';
import { defaultBitrates } from './media/index.ts';

const problems = (env: NodeJS.ProcessEnv): readonly string[] => {
  try {
    loadConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
};

const KEY = 'a'.repeat(64);

describe('defaults', () => {
  test('an empty environment makes a whole local service with the demo page', () => {
    expect(loadConfig({})).toMatchObject({
      host: '127.0.0.1',
      port: 8080,
      dataDir: path.resolve('data'),
      mediaListenIp: '127.0.0.1',
      demo: true,
      transportCc: true,
      audioBitrate: 512_000,
      stopSeconds: 10,
      metrics: true,
    });
  });

  test('the bitrates are those of the media plane', () => {
    const { audioBitrate: audio, videoBitrate: video } = loadConfig({});
    expect({ audio, video }).toEqual(defaultBitrates);
  });

  test('an empty variable is an unset one', () => {
    expect(loadConfig({ ROOMKEY_PUBLIC_URL: '', ROOMKEY_PORT: '' }).port).toBe(8080);
  });

  test('what is read cannot be changed', () => {
    expect(Object.isFrozen(loadConfig({}))).toBe(true);
  });

  test('variables of other programs do not count', () => {
    expect(problems({ PATH: '/bin', ROOMKEYS: '1', ROOMKEY_SECRET_KEY: KEY })).toEqual([]);
  });

  test('media listens where HTTP does, unless told otherwise', () => {
    expect(loadConfig({ ROOMKEY_HOST: '192.0.2.4' }).mediaListenIp).toBe('192.0.2.4');
    expect(loadConfig({ ROOMKEY_HOST: 'localhost' }).mediaListenIp).toBe('127.0.0.1');
    expect(loadConfig({ ROOMKEY_MEDIA_LISTEN_IP: '192.0.2.5' }).mediaListenIp).toBe('192.0.2.5');
  });
});

test('trusted proxies are addresses and networks; what is neither is refused', () => {
  expect(loadConfig({ ROOMKEY_TRUSTED_PROXIES: '10.0.0.0/8, ::1' }).trustedProxies).toBe('10.0.0.0/8,::1');
  expect(loadConfig({ ROOMKEY_TRUSTED_PROXIES: 'none' }).trustedProxies).toBe('');
  expect(problems({ ROOMKEY_TRUSTED_PROXIES: 'proxy.example.com' })).toHaveLength(1);
});

describe('the demo page', () => {
  test.each([
    { ROOMKEY_PUBLIC_URL: 'https://rooms.example.com' },
    { ROOMKEY_ANNOUNCED_ADDRESS: '192.0.2.1' },
    { ROOMKEY_TLS_CERT: '/c.pem', ROOMKEY_TLS_KEY: '/k.pem' },
  ])('is off with %j unless it is switched on', (env) => {
    expect(loadConfig(env).demo).toBe(false);
    expect(loadConfig({ ...env, ROOMKEY_DEMO: 'on' }).demo).toBe(true);
  });

  test('can be switched off', () => {
    expect(loadConfig({ ROOMKEY_DEMO: 'off' }).demo).toBe(false);
  });

  test.each([
    ['127.0.0.1', true],
    ['127.0.0.2', true],
    ['localhost', true],
    ['::1', true],
    ['192.0.2.4', false],
    ['2001:db8::1', false],
  ])('on host %s is, by itself, on: %s', (host, on) => {
    expect(loadConfig({ ROOMKEY_HOST: host }).demo).toBe(on);
  });
});

test('a path that begins with a tilde or holds a quote can be meant', () => {
  expect(loadConfig({ ROOMKEY_DATA_DIR: './~x' }).dataDir).toBe(path.resolve('./~x'));
  expect(loadConfig({ ROOMKEY_DATA_DIR: "/srv/ana's" }).dataDir).toBe("/srv/ana's");
});

describe('a bad value', () => {
  test.each([
    ['ROOMKEY_HOST', 'http://localhost'],
    ['ROOMKEY_HOST', '300.1.1.1'],
    ['ROOMKEY_PORT', '65536'],
    ['ROOMKEY_PORT', '80 80'],
    ['ROOMKEY_PORT', '-1'],
    ['ROOMKEY_PORT', '1e3'],
    ['ROOMKEY_DATA_DIR', 'a\nb'],
    ['ROOMKEY_DATA_DIR', '"/srv/roomkey"'],
    ['ROOMKEY_DATA_DIR', "'/srv/roomkey'"],
    ['ROOMKEY_DATA_DIR', '"/srv/roomkey'],
    ['ROOMKEY_DATA_DIR', '~/roomkey'],
    ['ROOMKEY_DATA_DIR', '~roomkey/data'],
    ['ROOMKEY_WORKER_BIN', '~/mediasoup-worker'],
    ['ROOMKEY_PUBLIC_URL', 'rooms.example.com'],
    ['ROOMKEY_PUBLIC_URL', 'ftp://rooms.example.com'],
    ['ROOMKEY_PUBLIC_URL', 'https://rooms.example.com/path'],
    ['ROOMKEY_PUBLIC_URL', 'https://user:pass@rooms.example.com'],
    ['ROOMKEY_WORKERS', '0'],
    ['ROOMKEY_MEDIA_LISTEN_IP', 'localhost'],
    ['ROOMKEY_MEDIA_PORT', '65535'],
    ['ROOMKEY_ANNOUNCED_ADDRESS', '1.2.3.4:5'],
    ['ROOMKEY_DEMO', 'yes'],
    ['ROOMKEY_MASTER_KEY', 'short'],
    ['ROOMKEY_LOG_LEVEL', 'loud'],
    ['ROOMKEY_CORE_PRICE', '-1'],
    ['ROOMKEY_CORE_PRICE', '3,99'],
    ['ROOMKEY_OUTER_PRICE', '1e3'],
    ['ROOMKEY_USAGE_DAYS', '0'],
    ['ROOMKEY_TRANSPORT_CC', 'true'],
    ['ROOMKEY_MAX_MESSAGE_BYTES', '10'],
    ['ROOMKEY_REQUESTS_PER_SECOND', '0'],
    ['ROOMKEY_PENDING_REQUESTS', '1.5'],
    ['ROOMKEY_ENTER_SECONDS', 'ten'],
    ['ROOMKEY_PING_SECONDS', '0'],
    ['ROOMKEY_MAX_CONNECTIONS', '0'],
    ['ROOMKEY_AUDIO_BITRATE', '1'],
    ['ROOMKEY_VIDEO_BITRATE', '1'],
    ['ROOMKEY_STOP_SECONDS', '0'],
    ['ROOMKEY_METRICS', '1'],
    ['ROOMKEY_METRICS_TOKEN', 'short'],
  ])('of %s (%j) is refused with its name', (variable, value) => {
    const found = problems({ ROOMKEY_WORKERS: '2', [variable]: value });
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(variable);
  });

  test('is told together with all others', () => {
    const found = problems({
      ROOMKEY_PORT: 'x',
      ROOMKEY_DEMO: 'x',
      ROOMKEY_TLS_KEY: '/k',
      ROOMKEY_PROT: '1',
    });
    expect(found).toEqual([
      'ROOMKEY_PROT is no setting; did you mean ROOMKEY_PORT?',
      'ROOMKEY_PORT must be a whole number from 0 to 65535, not "x".',
      'ROOMKEY_DEMO must be one of auto, on, off, not "x".',
      'ROOMKEY_TLS_CERT is missing: ROOMKEY_TLS_KEY needs it.',
    ]);
  });

  test('of a secret is not repeated', () => {
    const text = JSON.stringify(problems({ ROOMKEY_MASTER_KEY: 'hush-hush', ROOMKEY_METRICS_TOKEN: 'hush' }));
    expect(text).toContain('ROOMKEY_MASTER_KEY');
    expect(text).not.toContain('hush');
  });
});

describe('settings that do not fit together', () => {
  test('a certificate needs its key and the reverse', () => {
    expect(problems({ ROOMKEY_TLS_CERT: '/c.pem' })[0]).toContain('ROOMKEY_TLS_KEY is missing');
    expect(problems({ ROOMKEY_TLS_KEY: '/k.pem' })[0]).toContain('ROOMKEY_TLS_CERT is missing');
  });

  test('an address that nobody can send media to must be announced as another', () => {
    expect(problems({ ROOMKEY_HOST: '0.0.0.0' })[0]).toContain('ROOMKEY_ANNOUNCED_ADDRESS is missing');
    expect(problems({ ROOMKEY_HOST: '0.0.0.0', ROOMKEY_ANNOUNCED_ADDRESS: '192.0.2.1' })).toEqual([]);
    expect(problems({ ROOMKEY_HOST: '0.0.0.0', ROOMKEY_MEDIA_LISTEN_IP: '192.0.2.1' })).toEqual([]);
  });

  test('a host name does not say where media listens', () => {
    expect(problems({ ROOMKEY_HOST: 'rooms.lan' })[0]).toContain('ROOMKEY_MEDIA_LISTEN_IP is missing');
  });
});

describe('an unknown variable', () => {
  test('is refused, with the name it resembles', () => {
    expect(problems({ ROOMKEY_DATADIR: '/x' })).toEqual([
      'ROOMKEY_DATADIR is no setting; did you mean ROOMKEY_DATA_DIR?',
    ]);
    expect(problems({ ROOMKEY_QQQQQQQQQQ: '/x' })).toEqual(['ROOMKEY_QQQQQQQQQQ is no setting.']);
  });
});

describe('the master key', () => {
  test('is 32 bytes in any usual writing', () => {
    const bytes = Buffer.alloc(32, 0xfb);
    for (const text of [bytes.toString('hex'), bytes.toString('base64'), bytes.toString('base64url')])
      expect(loadConfig({ ROOMKEY_MASTER_KEY: text }).masterKey).toEqual(new Uint8Array(bytes));
  });
});

test('a secret with blanks around it is refused, as every command refuses it; one line end does not count', () => {
  const secrets = { ROOMKEY_MASTER_KEY: KEY, ROOMKEY_METRICS_TOKEN: 'sixteen-letters-x' };
  for (const [variable, secret] of Object.entries(secrets)) {
    for (const text of [` ${secret}`, `${secret} `, `\t${secret}`, `${secret}\n\n`, `${secret} \n`]) {
      const found = problems({ [variable]: text });
      expect(found).toEqual([expect.stringContaining(`${variable} must be`)]);
      expect(found[0]).toContain('without blanks around it');
      expect(found[0]).not.toContain(secret);
    }
    for (const text of [secret, `${secret}\n`, `${secret}\r\n`])
      expect(problems({ [variable]: text })).toEqual([]);
  }
});

describe('the report', () => {
  test('shows every setting with its effective value and where that is from', () => {
    const rows = describeConfig({ ROOMKEY_PORT: '9000', ROOMKEY_HOST: '192.0.2.4' });
    expect(rows.map((row) => row.variable)).toEqual(settingEntries.map(([, { variable }]) => variable));
    expect(rows).toContainEqual({ variable: 'ROOMKEY_PORT', value: 9000, source: 'environment' });
    expect(rows).toContainEqual({
      variable: 'ROOMKEY_MEDIA_LISTEN_IP',
      value: '192.0.2.4',
      source: 'default',
    });
    expect(rows).toContainEqual({ variable: 'ROOMKEY_DEMO', value: false, source: 'default' });
    expect(rows).toContainEqual({ variable: 'ROOMKEY_MASTER_KEY', value: null, source: 'default' });
  });

  test('hides secrets', () => {
    const rows = describeConfig({ ROOMKEY_MASTER_KEY: KEY, ROOMKEY_METRICS_TOKEN: 'sixteen-letters-x' });
    expect(JSON.stringify(rows)).not.toContain('sixteen-letters-x');
    expect(JSON.stringify(rows)).not.toContain(KEY);
    expect(rows).toContainEqual({
      variable: 'ROOMKEY_MASTER_KEY',
      value: '(hidden)',
      source: 'environment',
    });
  });

  test('says which words the log level takes, what `none` means, and how large the largest message may be', () => {
    const rows = configurationTable().split('\n');
    const rowOf = (variable: string) => rows.find((row) => row.startsWith(`| \`${variable}\``));
    for (const level of ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']) {
      expect(problems({ ROOMKEY_LOG_LEVEL: level })).toEqual([]);
      expect(rowOf('ROOMKEY_LOG_LEVEL')).toContain(`\`${level}\``);
    }
    expect(loadConfig({ ROOMKEY_TRUSTED_PROXIES: 'none' }).trustedProxies).toBe('');
    expect(rowOf('ROOMKEY_TRUSTED_PROXIES')).toContain('`none` believes nobody');
    expect(problems({ ROOMKEY_HOST: 'rooms.lan' })[0]).toContain('ROOMKEY_MEDIA_LISTEN_IP is missing');
    expect(rowOf('ROOMKEY_MEDIA_LISTEN_IP')).toContain('a name other than `localhost`');
    for (const [bytes, wrong] of [
      ['65535', 1],
      ['65536', 0],
      ['16777216', 0],
      ['16777217', 1],
    ] as const)
      expect(problems({ ROOMKEY_MAX_MESSAGE_BYTES: bytes })).toHaveLength(wrong);
    expect(rowOf('ROOMKEY_MAX_MESSAGE_BYTES')).toContain('at least 65536, at most 16777216');
  });

  test('is the table of the documentation', () => {
    const page = readFileSync(new URL('../../../docs/configuration.md', import.meta.url), 'utf8');
    expect(page, 'print it again: tools/print-configuration.ts').toContain(`\n\n${configurationTable()}\n\n`);
  });
});

describe('certificate and key', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'roomkey-config-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const files = (): NodeJS.ProcessEnv => ({
    ROOMKEY_TLS_CERT: path.join(folder, 'cert.pem'),
    ROOMKEY_TLS_KEY: path.join(folder, 'key.pem'),
  });

  test('are not read when they are not set', () => {
    expect(readTls(loadConfig({}))).toBeUndefined();
  });

  test('that cannot be read are named', () => {
    expect(() => readTls(loadConfig(files()))).toThrow(/ROOMKEY_TLS_CERT names .*cert\.pem.*ENOENT/);
  });

  test('and a data folder and a worker that cannot be used are named, all at once', () => {
    const file = path.join(folder, 'file');
    writeFileSync(file, '', { mode: 0o600 });
    const check = (env: NodeJS.ProcessEnv) => () => checkFiles(loadConfig(env));
    expect(check({ ...files(), ROOMKEY_DATA_DIR: file, ROOMKEY_WORKER_BIN: folder })).toThrow(
      /TLS_CERT names .*ENOENT[\s\S]*TLS_KEY names .*ENOENT[\s\S]*WORKER_BIN names .*no file[\s\S]*DATA_DIR names .*no folder/,
    );
    expect(check({ ROOMKEY_WORKER_BIN: file })).toThrow(/cannot be executed \(EACCES\)/);
    expect(check({ ROOMKEY_DATA_DIR: path.join(file, 'data') })).toThrow(/DATA_DIR names .*no folder/);
    expect(check({ ROOMKEY_DATA_DIR: path.join(folder, 'data') })).not.toThrow();
    expect(check({ ROOMKEY_DATA_DIR: path.join(folder, 'new', 'data') })).toThrow(
      /new, which cannot .*ENOENT/,
    );
  });

  test('that are no certificate and key are named', () => {
    writeFileSync(path.join(folder, 'cert.pem'), 'no certificate');
    writeFileSync(path.join(folder, 'key.pem'), 'no key');
    expect(() => readTls(loadConfig(files()))).toThrow(/ROOMKEY_TLS_CERT and ROOMKEY_TLS_KEY/);
  });
});
