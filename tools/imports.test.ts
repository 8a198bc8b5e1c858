import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { circularImports } from './import-circles.ts';

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
  tools: ['protocol', 'server', 'tickets'],
};

/** Packages with folders inside. */
interface Nested {
  /** Whether a folder is imported through its `index.ts` alone. */
  readonly doors: boolean;
  /** Files beside the folders that every folder may import. The other files beside the folders may import any folder. */
  readonly shared: readonly string[];
  /** Which folder may import which others. Where there are no doors, tests may import any. */
  readonly folders: Record<string, readonly string[]>;
}

const nested: Record<string, Nested> = {
  server: {
    doors: true,
    shared: [
      'cautious-time.ts',
      'change-queue.ts',
      'change-recorder.ts',
      'client-address.ts',
      'connection-book.ts',
      'core.ts',
      'descriptors.ts',
      'event-loop-share.ts',
      'fair-queue.ts',
      'gathered-writes.ts',
      'log-sampler.ts',
      'page-of.ts',
      'patience.ts',
      'sorted-map.ts',
      'system-clock.ts',
      'token-bucket.ts',
    ],
    folders: {
      ports: [],
      access: ['ports'],
      restrictions: ['ports'],
      applications: ['ports'],
      operators: ['ports', 'access', 'restrictions', 'applications'],
      rooms: ['ports', 'access'],
      usage: ['ports'],
      media: ['ports'],
      store: ['ports', 'applications'],
      signaling: ['ports'],
      http: ['ports'],
      admin: ['ports', 'applications', 'restrictions', 'operators', 'store'],
      config: [],
    },
  },
  sdk: {
    doors: false,
    shared: [],
    folders: {
      errors: [],
      calls: ['errors'],
      events: ['errors', 'calls'],
      platform: ['errors', 'events'],
      devices: ['platform'],
      signal: ['platform'],
      connection: ['errors', 'calls', 'events', 'platform', 'signal'],
      local: ['errors', 'calls', 'events', 'platform', 'connection'],
      remote: ['errors', 'calls', 'events', 'platform', 'signal', 'connection'],
      room: ['errors', 'calls', 'events', 'platform', 'signal', 'connection', 'local', 'remote'],
    },
  },
  cli: {
    doors: false,
    shared: [],
    folders: {
      terminal: [],
      options: ['terminal'],
      admin: ['terminal'],
      server: ['terminal', 'admin'],
      app: ['terminal', 'options', 'admin'],
      member: ['terminal', 'options', 'admin'],
      room: ['terminal', 'options', 'admin', 'member'],
      revoke: ['terminal', 'options', 'admin'],
      journal: ['terminal', 'options', 'admin'],
      usage: ['terminal', 'options', 'admin'],
      key: ['terminal', 'options'],
      ticket: ['terminal', 'options'],
    },
  },
};

/** Folders of the server with folders inside; of their files beside these, every one of these may import the shared ones. */
const inner: Record<string, Pick<Nested, 'shared' | 'folders'>> = {
  rooms: {
    shared: ['context.ts', 'turn.ts', 'turns.ts', 'publications.ts'],
    folders: {
      state: [],
      record: ['state'],
      media: ['state'],
      seats: ['state', 'media', 'record'],
      permissions: ['state', 'media', 'record'],
      races: [],
    },
  },
  store: {
    shared: ['schema.ts', 'secret-box.ts', 'sqlite-database.ts', 'sqlite-fault.ts'],
    folders: { journal: [] },
  },
  media: {
    shared: [
      'engine-calls.ts',
      'engine-handle.ts',
      'media-error.ts',
      'media-log.ts',
      'media-settings.ts',
      'open-media.ts',
    ],
    folders: { workers: [], pictures: [] },
  },
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

const targetOf = (file: string, target: string) => join(root, file, '..', target);

const folderOf = (name: string) =>
  ['e2e', 'bench', 'proof', 'examples', 'tools'].includes(name)
    ? join(root, name)
    : join(root, 'packages', name);

const foldersIn = (folder: string) =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));

test('every package of the tree, and every folder at whatever depth of a package that has a table, is in a table', () => {
  expect(foldersIn(join(root, 'packages')).filter((name) => !(name in packages))).toEqual([]);
  const tables = [
    ...Object.entries(nested).map(([name, { folders }]) => ({ path: `packages/${name}/src`, folders })),
    ...Object.entries(inner).map(([name, { folders }]) => ({ path: `packages/server/src/${name}`, folders })),
  ];
  const listed = tables.flatMap(({ path, folders }) => [
    path,
    ...Object.keys(folders).map((name) => `${path}/${name}`),
  ]);
  const found = Object.keys(nested).flatMap((name) => foldersUnder(join(root, 'packages', name, 'src')));
  expect(found.map((folder) => relative(root, folder)).toSorted()).toEqual([...new Set(listed)].toSorted());
});

test('ARCHITECTURE.md says of every folder of the server what it may import', () => {
  const page = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');
  const [, section = ''] = /\n## Inside the server\n([\s\S]*?)\n## /.exec(page) ?? [];
  const rows = [...section.matchAll(/^\| `(\w+)` \| .* \| (.*) \|$/gm)];
  const said = rows.map(([, folder, may = '']) => [folder, may.match(/\w+/g) ?? []]);
  expect(Object.fromEntries(said)).toEqual(nested['server']?.folders);
});

test.each<[string, Record<string, readonly string[]>]>([
  ['packages', packages],
  ...Object.entries(nested).map(([name, { folders }]): [string, Nested['folders']] => [name, folders]),
])('the table of %s holds no circle', (_title, table) => {
  const arrows = Object.entries(table).flatMap(([file, targets]) =>
    targets.map((target) => ({ file, target })),
  );
  expect(circularImports(arrows)).toEqual([]);
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

test.each(Object.entries(inner))('the folders of %s import only inward', (name, { shared, folders }) => {
  const outer = join(root, 'packages/server/src', name);
  const wrong = importsOf(outer).filter(({ file, target }) => {
    const from = relative(outer, join(root, file)).split(sep);
    const to = relative(outer, targetOf(file, target)).split(sep);
    if (from.length < 2 || !target.startsWith('.') || to[0] === '..' || isTest(file)) return false;
    if (to.length < 2) return !shared.includes(to[0] ?? '');
    return from[0] !== to[0] && !folders[from[0] ?? '']?.includes(to[0] ?? '');
  });
  expect(wrong).toEqual([]);
});

/** The folders inside one folder, and itself. */
function foldersUnder(folder: string): string[] {
  const inside = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [folder, ...inside.flatMap(({ name }) => foldersUnder(join(folder, name)))];
}

test.each(readdirSync(join(root, 'packages')))('no folder of %s holds more than 25 source files', (name) => {
  const counted = foldersUnder(join(folderOf(name), 'src')).map((folder) => ({
    folder: relative(root, folder),
    files: readdirSync(folder).filter((file) => /\.ts$/.test(file) && !isTest(file)).length,
  }));
  expect(counted.filter(({ files }) => files > 25)).toEqual([]);
});

test('no relative import leaves its package', () => {
  const wrong = Object.keys(packages).flatMap((name) =>
    importsOf(folderOf(name)).filter(({ file, target }) => {
      if (!target.startsWith('.')) return false;
      return relative(folderOf(name), targetOf(file, target)).startsWith('..');
    }),
  );
  expect(wrong).toEqual([]);
});

test('no package imports itself by its name', () => {
  const wrong = Object.keys(packages).flatMap((name) =>
    importsOf(folderOf(name)).filter(({ target }) => `${target}/`.startsWith(`@roomkey/${name}/`)),
  );
  expect(wrong).toEqual([]);
});

test.each(Object.keys(packages))('no files of %s import each other in a circle, types included', (name) => {
  const imports = importsOf(folderOf(name))
    .filter(({ target }) => target.startsWith('.'))
    .map(({ file, target }) => ({ file, target: relative(root, targetOf(file, target)) }));
  const circular = circularImports(imports).map(({ file, target }) => `${file} imports ${target}`);
  expect([...new Set(circular)]).toEqual([]);
});

test.each(Object.entries(nested))(
  'the folders of %s import only inward, and each other only through their doors if they have any',
  (name, { doors, shared, folders }) => {
    const source = join(root, 'packages', name, 'src');
    const wrong = importsOf(source).filter(({ file, target }) => {
      const from = relative(source, join(root, file)).split(sep);
      if (from.length < 2 || !target.startsWith('.') || (!doors && isTest(file))) return false;
      const to = relative(source, targetOf(file, target)).split(sep);
      const [own = '', other = ''] = [from[0], to[0]];
      if (own === other) return false;
      if (to.length < 2) return !shared.includes(other);
      return !folders[own]?.includes(other) || (doors && to[to.length - 1] !== 'index.ts');
    });
    expect(wrong).toEqual([]);
  },
);

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
