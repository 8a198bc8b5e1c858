import { afterEach, expect, test, vi } from 'vitest';
import { formFromHash } from './model/entry-form.ts';
import { requestTickets } from './ticket-request.ts';

afterEach(() => vi.unstubAllGlobals());

const form = { ...formFromHash('#name=ada&room=123', () => 0), permissions: 170 };

function answering(response: () => Response): { readonly asked: Request[] } {
  const asked: Request[] = [];
  vi.stubGlobal('fetch', async (path: string, init: RequestInit) => {
    asked.push(new Request(`http://localhost${path}`, init));
    return response();
  });
  return { asked };
}

test('the server is asked for exactly the name, the room and the bits', async () => {
  const tickets = { sdkAppId: 1, userSig: 'a', privateMapKey: 'b', expiresAt: 9 };
  const { asked } = answering(() => Response.json(tickets));
  expect(await requestTickets(form)).toEqual(tickets);
  await requestTickets({ ...form, roomKind: 'text' });
  expect(asked.map(({ method, url }) => [method, new URL(url).pathname])).toEqual([
    ['POST', '/demo/tickets'],
    ['POST', '/demo/tickets'],
  ]);
  expect(asked[0]?.headers.get('content-type')).toBe('application/json');
  expect(await Promise.all(asked.map((request) => request.json()))).toEqual([
    { userId: 'ada', roomId: 123, permissions: 170 },
    { userId: 'ada', strRoomId: '123', permissions: 170 },
  ]);
});

test('a refusal keeps the name and the words of the server', async () => {
  answering(() => Response.json({ error: { name: 'hostNotLocal', message: 'Not here.' } }, { status: 403 }));
  await expect(requestTickets(form)).rejects.toMatchObject({ cause: 'hostNotLocal', message: 'Not here.' });
});

test.each<[string, () => Response]>([
  ['is not there', () => Response.error()],
  ['answers with a page', () => new Response('<html>', { status: 502 })],
  ['answers with other JSON', () => Response.json({ oops: true }, { status: 500 })],
  [
    'cannot be reached',
    () => {
      throw new TypeError('Failed to fetch');
    },
  ],
])('a server that %s cannot be reached', async (_, response) => {
  answering(response);
  await expect(requestTickets(form)).rejects.toMatchObject({ cause: 'ticketsUnreachable' });
});
