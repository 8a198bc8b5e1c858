import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Which package or outer folder may import which others. A type-only import counts. Tests may use the test kit. */
const packages: Record<string, readonly string[]> = {
  tickets: [],
  protocol: ['tickets'],
  sdk: ['protocol', 'tickets'],
  demo: ['sdk', 'protocol', 'tickets'],
  server: ['tickets', 'protocol'],
  cli: ['tickets', 'protocol', 'server'],
  testkit: ['tickets', 'protocol', 'server'],
  e2e: ['testkit', 'tickets', 'protocol', 'sdk'],
  bench: ['testkit', 'tickets', 'protocol', 'server'],
  proof: ['testkit', 'tickets', 'protocol', 'server'],
  examples: ['tickets'],
  tools: ['protocol', 'server'],
};

/** Which folder of the server may import which others; `server.ts` and `core.ts` alone see all. */
const serverFolders: Record<string, readonly string[]> = {
  ports: [],
  access: ['ports'],
  restrictions: ['ports'],
  applications: ['ports'],
  operators: ['ports', 'access', 'restrictions', 'applications', 'rooms'],
  rooms: ['ports', 'access'],
  media: ['ports'],
  store: ['ports', 'applications'],
  signaling: ['ports'],
  http: ['ports', 'rooms'],
  admin: ['ports', 'applications', 'restrictions', 'operators', 'store'],
  config: [],
};

interface Import {
  readonly file: string;
  readonly target: string;
}

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return ['dist', 'node_modules'].includes(entry.name) ? [] : sourceFiles(path);
    return /\.ts$/.test(entry.name) ? [path] : [];
  });
}

const isTest = (file: string) => /\.(test|fixture)\.ts$/.test(file);

function importsOf(folder: string): Import[] {
  return sourceFiles(folder).flatMap((file) => {
    const found = readFileSync(file, 'utf8').matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g);
    return [...found].map(([, target = '']) => ({ file: relative(root, file), target }));
  });
}

const folderOf = (name: string) =>
  ['e2e', 'bench', 'proof', 'examples', 'tools'].includes(name)
    ? join(root, name)
    : join(root, 'packages', name);

test('every package and folder of the tree is in the table', () => {
  const found = readdirSync(join(root, 'packages'));
  expect(found.filter((name) => !(name in packages))).toEqual([]);
  const folders = readdirSync(join(root, 'packages/server/src'), { withFileTypes: true });
  expect(
    folders
      .filter((entry) => entry.isDirectory() && !(entry.name in serverFolders))
      .map((entry) => entry.name),
  ).toEqual([]);
});

test.each(Object.entries(packages))('%s imports only what it may', (name, allowed) => {
  const wrong = importsOf(folderOf(name)).filter(({ file, target }) => {
    const [, other] = /^@roomkey\/([a-z0-9]+)/.exec(target) ?? [];
    if (other === undefined || other === name || allowed.includes(other)) return false;
    return !(other === 'testkit' && isTest(file));
  });
  expect(wrong).toEqual([]);
});

test.each(['protocol', 'sdk', 'demo'])(
  '%s, which runs in browsers, imports of tickets the permissions alone',
  (name) => {
    const others = importsOf(folderOf(name)).filter(
      ({ file, target }) =>
        target.startsWith('@roomkey/tickets') && target !== '@roomkey/tickets/permissions' && !isTest(file),
    );
    expect(others).toEqual([]);
  },
);

test('no relative import leaves its package', () => {
  const wrong = Object.keys(packages).flatMap((name) =>
    importsOf(folderOf(name)).filter(({ file, target }) => {
      if (!target.startsWith('.')) return false;
      const path = relative(folderOf(name), join(root, file, '..', target));
      return path.startsWith('..');
    }),
  );
  expect(wrong).toEqual([]);
});

test('the folders of the server import only inward, and each other only through their doors', () => {
  const source = join(root, 'packages/server/src');
  const wrong = importsOf(source).filter(({ file, target }) => {
    const from = relative(source, join(root, file)).split(sep);
    if (from.length < 2 || !target.startsWith('.')) return false;
    const to = relative(source, join(root, file, '..', target)).split(sep);
    const [own = '', other = ''] = [from[0], to[0]];
    if (own === other || to.length < 2) return false;
    return !serverFolders[own]?.includes(other) || to[to.length - 1] !== 'index.ts';
  });
  expect(wrong).toEqual([]);
});

test('only the permissions module computes with permission bits', () => {
  const bitwise = /\b(bits|effective|held|permissions?|authority|privilegeMap)\b\s*(&|\|)(?![&|])\s*[\w(~]/;
  const wrong = ['protocol', 'sdk', 'demo', 'server', 'cli']
    .flatMap((name) => sourceFiles(folderOf(name)))
    .filter((file) => !isTest(file))
    .flatMap((file) =>
      readFileSync(file, 'utf8')
        .split('\n')
        .filter(
          (line) => bitwise.test(line) && !/^\s*(\/?\*|\/\/|export type|type|readonly|[a-z]+\??:)/.test(line),
        )
        .map((line) => `${relative(root, file)}: ${line.trim()}`),
    );
  expect(wrong).toEqual([]);
});
