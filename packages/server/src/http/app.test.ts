import { rmSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { appUnderTest } from './app.fixture.ts';

describe('health and readiness', () => {
  test('a process that answers is healthy', async () => {
    const response = await appUnderTest().ask('/healthz');
    expect([response.status, await response.json()]).toEqual([200, { ok: true }]);
  });

  test('a server is ready when everything it needs is', async () => {
    const response = await appUnderTest().ask('/readyz');
    expect([response.status, await response.json()]).toEqual([
      200,
      { ready: true, checks: { store: true, media: true } },
    ]);
  });

  test('a server without a media worker is healthy and not ready', async () => {
    const { ask } = appUnderTest({ ready: { store: () => true, media: () => false } });
    const response = await ask('/readyz');
    expect([response.status, await response.json()]).toEqual([
      503,
      { ready: false, checks: { store: true, media: false } },
    ]);
    expect((await ask('/healthz')).status).toBe(200);
  });
});

describe('the first page', () => {
  test('leads to the demo page where there is one', async () => {
    const response = await appUnderTest().ask('/');
    expect([response.status, response.headers.get('location')]).toEqual([302, '/demo']);
  });

  test('says what this is where there is no demo page', async () => {
    const response = await appUnderTest({ demo: undefined }).ask('/');
    expect(await response.json()).toEqual({
      server: 'roomkey test',
      protocol: 1,
      webSocket: '/rtc',
      sdk: { script: '/sdk/roomkey.js', module: '/sdk/roomkey.esm.js' },
    });
  });
});

describe('what is not there', () => {
  test.each(['/nothing', '/demo/nothing.js', '/sdk/secret.txt', '/sdk/', '/sdk/..%2foutside.txt'])(
    '%s is not found, in JSON',
    async (path) => {
      expect(await appUnderTest().refusal(path)).toMatchObject({ status: 404, name: 'notFound' });
    },
  );

  test.each([
    '/demo/../outside.txt',
    '/demo/%2e%2e/outside.txt',
    '/demo/..%2foutside.txt',
    '/demo//outside.txt',
  ])('no file outside of the demo page is served: %s', async (path) => {
    const response = await appUnderTest().ask(path);
    expect(response.status).toBe(404);
    expect(await response.text()).not.toContain('not to be served');
  });

  test('a wrong method is refused and told the right ones', async () => {
    const { ask } = appUnderTest();
    const wrong: [string, string][] = [
      ['POST', '/healthz'],
      ['DELETE', '/demo/page.css'],
      ['PUT', '/sdk/roomkey.js'],
    ];
    for (const [method, path] of wrong) {
      const response = await ask(path, { method });
      expect([path, response.status, response.headers.get('allow')]).toEqual([path, 405, 'GET, HEAD']);
      expect(await response.json()).toMatchObject({ error: { name: 'methodNotAllowed' } });
    }
    const response = await ask('/demo/tickets');
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
  });

  test('the path of the WebSocket asks for an upgrade', async () => {
    expect(await appUnderTest().refusal('/rtc')).toMatchObject({ status: 426, name: 'upgradeRequired' });
  });

  test('without a demo page there are neither its files nor its tickets', async () => {
    const { refusal } = appUnderTest({ demo: undefined });
    expect(await refusal('/demo')).toMatchObject({ status: 404 });
    expect(await refusal('/demo/')).toMatchObject({ status: 404 });
    expect(await refusal('/demo/tickets', { method: 'POST', body: '{}' })).toMatchObject({ status: 404 });
  });

  test('without metrics there is no page of them', async () => {
    expect(await appUnderTest({ metrics: undefined }).refusal('/metrics')).toMatchObject({ status: 404 });
  });
});

describe('the demo page', () => {
  test.each(['/demo', '/demo/', '/demo?room=7'])('is served at %s', async (path) => {
    const response = await appUnderTest().ask(path);
    expect([response.status, await response.text()]).toEqual([200, '<title>demo</title>']);
    expect(response.headers.get('content-type')).toContain('text/html');
    expect(response.headers.get('content-security-policy')).toContain("script-src 'self'");
  });

  test('is served with its other files', async () => {
    const { ask } = appUnderTest();
    expect((await ask('/demo/page.css')).headers.get('content-type')).toContain('text/css');
  });

  test('may load only what this server serves, and open its WebSocket', async () => {
    const { headers } = await appUnderTest().ask('/demo/', { headers: { host: 'localhost:8080' } });
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("connect-src 'self' ws://localhost:8080 wss://localhost:8080");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('unsafe');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('permissions-policy')).toContain('camera=(self)');
  });

  test('no Host can write into the policy', async () => {
    const { ask } = appUnderTest();
    const { headers } = await ask('/demo/', { headers: { host: "x; script-src 'unsafe-inline'" } });
    expect(headers.get('content-security-policy')).not.toContain('unsafe-inline');
  });

  test('is asked for again each time and not sent again when it is the same', async () => {
    const { ask } = appUnderTest();
    const first = await ask('/demo/');
    expect(first.headers.get('cache-control')).toBe('no-cache');
    const etag = first.headers.get('etag') ?? '';
    expect((await ask('/demo/', { headers: { 'if-none-match': etag } })).status).toBe(304);
  });
});

test('a demo page that is not built says how to build it', async () => {
  const demo = { dir: '/nonexistent', signer: () => undefined };
  const { status, message } = await appUnderTest({ demo }).refusal('/demo/');
  expect(status).toBe(404);
  expect(message).toContain('npm run build');
});

describe('the SDK', () => {
  test('may be loaded by pages of every origin', async () => {
    const response = await appUnderTest().ask('/sdk/roomkey.js');
    expect(await response.text()).toBe('var TRTC;');
    expect(response.headers.get('content-type')).toContain('javascript');
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(response.headers.get('cross-origin-resource-policy')).toBe('cross-origin');
  });

  test('has its source map', async () => {
    expect((await appUnderTest().ask('/sdk/roomkey.js.map')).status).toBe(200);
  });

  test.each([{}, { sdkDir: '/nonexistent' }])('that is not built says how to build it: %o', async (given) => {
    const { status, message } = await appUnderTest(given).refusal('/sdk/av-room-multi.esm.js');
    expect(status).toBe(404);
    expect(message).toContain('npm run build');
  });
});

describe('the files of the pages', () => {
  test('are read once, at the start: what an answer costs does not grow with the file', async () => {
    const { ask, dir } = appUnderTest();
    const asked = ['/sdk/roomkey.js', '/demo/page.css'];
    const tags = await Promise.all(asked.map(async (path) => (await ask(path)).headers.get('etag')));
    rmSync(dir, { recursive: true });
    for (const [i, path] of asked.entries()) {
      const again = await ask(path);
      expect([again.status, again.headers.get('etag')]).toEqual([200, tags[i]]);
      expect((await ask(path, { headers: { 'if-none-match': tags[i] ?? '' } })).status).toBe(304);
    }
  });

  test('are named by what is in them', async () => {
    const { ask } = appUnderTest();
    const tags = ['/sdk/roomkey.js', '/sdk/roomkey.js.map'].map(async (path) =>
      (await ask(path)).headers.get('etag'),
    );
    expect(new Set(await Promise.all(tags)).size).toBe(2);
  });

  test.each([
    ['*', 304],
    ['"other", W/TAG', 304],
    ['"other"', 200],
  ])('are sent again or not to who has %s', async (has, status) => {
    const { ask } = appUnderTest();
    const tag = (await ask('/demo/')).headers.get('etag') ?? '';
    const answer = await ask('/demo/', { headers: { 'if-none-match': has.replace('TAG', tag) } });
    expect(answer.status).toBe(status);
    expect([answer.headers.get('etag'), answer.headers.get('cache-control')]).toEqual([tag, 'no-cache']);
  });

  test('wait in small pieces for a client that does not read', async () => {
    const { ask, large } = appUnderTest();
    const answer = await ask('/sdk/roomkey.esm.js');
    expect(answer.headers.get('content-length')).toBe(String(large.length));
    const pieces: Uint8Array[] = [];
    for await (const piece of answer.body ?? []) pieces.push(piece);
    expect(Math.max(...pieces.map(({ length }) => length))).toBe(65_536);
    expect(Buffer.concat(pieces).toString()).toBe(large);
  });
});

describe('metrics', () => {
  test.each(['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1'])('are given to %s', async (from) => {
    const response = await appUnderTest().ask('/metrics', { from });
    expect(await response.text()).toBe('roomkey_up 1\n');
    expect(response.headers.get('content-type')).toContain('version=0.0.4');
  });

  test.each(['192.0.2.7', '::ffff:192.0.2.7', '2001:db8::1', ''])('are not given to %s', async (from) => {
    expect(await appUnderTest().refusal('/metrics', { from })).toMatchObject({ status: 403 });
  });

  test('are not given through a proxy on this computer', async () => {
    const headers = { 'x-forwarded-for': '192.0.2.7' };
    expect(await appUnderTest().refusal('/metrics', { headers })).toMatchObject({ name: 'metricsNotLocal' });
  });

  test.each(['evil.example', 'evil.example:8080', 'localhost', 'localhost:8081', '192.0.2.7:8080'])(
    'are not given to who asks for %s: a name that was made to point here',
    async (host) => {
      expect(await appUnderTest().refusal('/metrics', { headers: { host } })).toMatchObject({
        name: 'metricsNotLocal',
      });
    },
  );

  test('are given to nobody without a token when the server has a public URL, because a proxy may say nothing of itself', async () => {
    const metrics = { contentType: 'text/plain', text: async () => 'up 1', onlyWithToken: true };
    expect(await appUnderTest({ metrics }).refusal('/metrics')).toMatchObject({
      status: 403,
      name: 'metricsTokenUnset',
    });
    const { ask } = appUnderTest({ metrics: { ...metrics, token: 'open sesame' } });
    expect((await ask('/metrics', { headers: { authorization: 'Bearer open sesame' } })).status).toBe(200);
  });

  const withToken = () =>
    appUnderTest({ metrics: { contentType: 'text/plain', text: async () => 'up 1', token: 'open sesame' } });

  test('with a token are given to who sends it, from anywhere', async () => {
    const headers = { authorization: 'Bearer open sesame' };
    expect((await withToken().ask('/metrics', { headers, from: '192.0.2.7' })).status).toBe(200);
  });

  test.each(['', 'open sesame', 'Bearer', 'Bearer open', 'Bearer open sesame!'])(
    'with a token are not given for "%s", not even to this computer',
    async (authorization) => {
      expect(await withToken().refusal('/metrics', { headers: { authorization } })).toMatchObject({
        status: 401,
        name: 'metricsTokenWrong',
      });
    },
  );
});

describe('the access log', () => {
  test('holds the path and neither query nor headers', async () => {
    const { ask, lines } = appUnderTest();
    await ask('/healthz?userSig=sesame', { headers: { authorization: 'sesame', cookie: 'sesame' } });
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ method: 'GET', path: '/healthz', status: 200 });
    expect(lines.join()).not.toContain('sesame');
  });

  test('an unexpected failure that a caller repeats is logged a few times', async () => {
    const store = () => {
      throw new Error('disk on fire');
    };
    const { refusal, lines } = appUnderTest({ ready: { store } });
    for (let n = 0; n < 30; n++) await refusal('/readyz');
    expect(lines.filter((line) => line.includes('disk on fire'))).toHaveLength(10);
  });

  test('an unexpected failure is logged, and the caller learns nothing of it', async () => {
    const { refusal, lines } = appUnderTest({
      ready: {
        store: () => {
          throw new Error('disk on fire');
        },
      },
    });
    const { status, name, message } = await refusal('/readyz');
    expect([status, name]).toEqual([500, 'internal']);
    expect(message).not.toContain('fire');
    expect(lines.join()).toContain('disk on fire');
  });
});
