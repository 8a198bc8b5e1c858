import { verifyPrivateMapKey, verifyUserSig } from '@roomkey/tickets';
import { describe, expect, test } from 'vitest';
import { type Asked, appUnderTest, demoApplication, signedAt } from './app.fixture.ts';

const wish = { userId: 'ana', roomId: 7, permissions: 255 };
const local = { host: 'localhost:8080', origin: 'http://localhost:8080', 'content-type': 'application/json' };
const now = signedAt / 1000;

/** A request of the demo page; an empty header is left out. */
function post(body: unknown = wish, headers: Record<string, string> = {}): Asked {
  const all = Object.entries({ ...local, ...headers }).filter(([, value]) => value !== '');
  return {
    method: 'POST',
    headers: Object.fromEntries(all),
    body: typeof body === 'string' ? body : JSON.stringify(body),
  };
}

async function ticketsFor(body: object) {
  const response = await appUnderTest().ask('/demo/tickets', post(body));
  expect(response.status).toBe(200);
  expect(response.headers.get('cache-control')).toBe('no-store');
  return (await response.json()) as {
    sdkAppId: number;
    userSig: string;
    privateMapKey: string;
    expiresAt: number;
  };
}

const verifying = { sdkAppId: demoApplication.sdkAppId, secretKeys: demoApplication.secretKey, now };

describe('tickets', () => {
  test('are good for ten minutes, for one user, one room and the bits asked for', async () => {
    const { sdkAppId, userSig, privateMapKey, expiresAt } = await ticketsFor({ ...wish, permissions: 42 });
    expect([sdkAppId, expiresAt]).toEqual([demoApplication.sdkAppId, now + 600]);
    expect(verifyUserSig(userSig, { ...verifying, userId: 'ana' })).toMatchObject({ expiresAt });
    expect(verifyPrivateMapKey(privateMapKey, { ...verifying, userId: 'ana', roomId: 7 })).toMatchObject({
      expiresAt,
      permissions: 42,
    });
  });

  test('of a string room are for that room', async () => {
    const { privateMapKey } = await ticketsFor({ userId: 'ana', strRoomId: '7', permissions: 0 });
    const claims = verifyPrivateMapKey(privateMapKey, { ...verifying, userId: 'ana', strRoomId: '7' });
    expect(claims.permissions).toBe(0);
  });

  test.each([
    [{ ...wish, userId: 'a b' }, 'userIdIllegal'],
    [{ ...wish, userId: '' }, 'userIdIllegal'],
    [{ ...wish, userId: 7 }, 'invalidParams'],
    [{ ...wish, roomId: 0 }, 'roomIdIllegal'],
    [{ ...wish, roomId: 1.5 }, 'roomIdIllegal'],
    [{ ...wish, roomId: 4_294_967_295 }, 'roomIdIllegal'],
    [{ ...wish, roomId: '7' }, 'invalidParams'],
    [{ ...wish, roomId: undefined }, 'roomIdMissing'],
    [{ ...wish, strRoomId: '7' }, 'invalidParams'],
    [{ ...wish, roomId: undefined, strRoomId: '' }, 'strRoomIdIllegal'],
    [{ ...wish, roomId: undefined, strRoomId: 'Ł' }, 'strRoomIdIllegal'],
    [{ ...wish, permissions: 256 }, 'invalidParams'],
    [{ ...wish, permissions: -1 }, 'invalidParams'],
    [{ ...wish, permissions: 1.5 }, 'invalidParams'],
    [{ ...wish, permissions: undefined }, 'invalidParams'],
    [{ ...wish, sdkAppId: 1 }, 'invalidParams'],
    [{ ...wish, expire: 999_999 }, 'invalidParams'],
    [[wish], 'invalidParams'],
    ['null', 'invalidParams'],
    ['{', 'parseError'],
    ['', 'parseError'],
  ])('%o is refused as %s', async (body, name) => {
    expect(await appUnderTest().refusal('/demo/tickets', post(body))).toMatchObject({ status: 400, name });
  });

  test('without an active key there are none', async () => {
    const { refusal } = appUnderTest({ demo: { dir: '/nonexistent', signer: () => undefined } });
    expect(await refusal('/demo/tickets', post())).toMatchObject({ status: 503, name: 'demoUnavailable' });
  });

  test('are limited to a rate', async () => {
    const { ask, refusal, clock } = appUnderTest();
    for (let i = 0; i < 20; i++) expect((await ask('/demo/tickets', post())).status).toBe(200);
    expect(await refusal('/demo/tickets', post())).toMatchObject({ status: 429, name: 'tooManyRequests' });
    clock.advance(1000);
    expect((await ask('/demo/tickets', post())).status).toBe(200);
  });
});

describe('who gets tickets', () => {
  test.each(['localhost:8080', '127.0.0.1:8080', '[::1]:8080', 'LOCALHOST:8080'])(
    'the page opened as %s does',
    async (host) => {
      const response = await appUnderTest().ask(
        '/demo/tickets',
        post(wish, { host, origin: `http://${host.toLowerCase()}` }),
      );
      expect(response.status).toBe(200);
    },
  );

  test.each([
    'evil.example:8080',
    'localhost.evil.example:8080',
    'localhost',
    'localhost:80',
    'localhost:8081',
    '127.0.0.2:8080',
    '0.0.0.0:8080',
    '[::]:8080',
    '192.0.2.7:8080',
    'localhost:8080.evil.example',
    'user@localhost:8080',
  ])('a name that was made to point here does not: %s', async (host) => {
    const { refusal } = appUnderTest();
    const asked = post(wish, { host, origin: `http://${host}` });
    expect(await refusal('/demo/tickets', asked)).toMatchObject({ status: 403, name: 'hostNotLocal' });
  });

  test.each([
    'http://evil.example',
    'http://evil.example:8080',
    'http://localhost',
    'http://localhost:8081',
    'https://localhost:8080',
    'http://127.0.0.1:8080',
    'http://localhost:8080.evil.example',
    'null',
  ])('a page of another origin does not: %s', async (origin) => {
    const { refusal } = appUnderTest();
    const asked = post(wish, { origin });
    expect(await refusal('/demo/tickets', asked)).toMatchObject({ status: 403, name: 'originForeign' });
  });

  test('a request without an origin does not', async () => {
    const asked = post(wish, { origin: '' });
    expect(await appUnderTest().refusal('/demo/tickets', asked)).toMatchObject({ name: 'originMissing' });
  });

  test.each(['192.0.2.7', '::ffff:192.0.2.7', ''])('a request from %s does not', async (from) => {
    const asked = { ...post(wish), from };
    expect(await appUnderTest().refusal('/demo/tickets', asked)).toMatchObject({
      status: 403,
      name: 'addressNotLocal',
    });
  });

  test.each([
    'forwarded',
    'via',
    'x-forwarded',
    'x-forwarded-for',
    'x-forwarded-host',
    'x-forwarded-proto',
    'x-real-ip',
    'x-client-ip',
    'true-client-ip',
    'x-original-host',
    'cf-connecting-ip',
    'CF-Ray',
  ])('a request through a proxy does not: %s', async (header) => {
    const asked = post(wish, { [header]: '127.0.0.1' });
    expect(await appUnderTest().refusal('/demo/tickets', asked)).toMatchObject({
      status: 403,
      name: 'forwarded',
    });
  });

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'text/plain; application/json',
    'application/jsonp',
  ])('a form of another page does not: %s', async (type) => {
    const asked = post(wish, { 'content-type': type });
    expect(await appUnderTest().refusal('/demo/tickets', asked)).toMatchObject({
      status: 415,
      name: 'contentTypeUnsupported',
    });
  });

  test('a page of another origin gets no permission to ask either', async () => {
    const response = await appUnderTest().ask('/demo/tickets', {
      method: 'OPTIONS',
      headers: { ...local, origin: 'http://evil.example', 'access-control-request-method': 'POST' },
    });
    expect(response.status).toBe(405);
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
  });

  test('over TLS the origin is https', async () => {
    const { ask, refusal } = appUnderTest({ own: () => ({ secure: true, port: 8080 }) });
    expect(await refusal('/demo/tickets', post())).toMatchObject({ name: 'originForeign' });
    const asked = post(wish, { origin: 'https://localhost:8080' });
    expect((await ask('/demo/tickets', asked)).status).toBe(200);
  });

  test('the port of the scheme itself may be left out, as browsers do', async () => {
    const { ask } = appUnderTest({ own: () => ({ secure: false, port: 80 }) });
    const asked = post(wish, { host: 'localhost', origin: 'http://localhost' });
    expect((await ask('/demo/tickets', asked)).status).toBe(200);
  });
});
