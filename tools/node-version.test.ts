import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { transformSync } from 'esbuild';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const doors = ['tools/run.cjs', 'packages/cli/bin/roomkey.js'];

/** Runs a door under a Node.js that says it is of this version. */
function runAs(version: string, door: string, ...args: string[]) {
  const pretend = `data:text/javascript,Object.defineProperty(process,'versions',{value:{...process.versions,node:'${version}'}})`;
  return spawnSync(process.execPath, ['--import', pretend, door, ...args], { cwd: root, encoding: 'utf8' });
}

test.each(doors)('%s says in one line that Node.js is too old, and does nothing', (door) => {
  for (const version of ['0.12.18', '10.24.1', '18.20.8', '20.18.3']) {
    const { status, stdout, stderr } = runAs(version, door, 'tools/start.ts');
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(/^error: [Rr]oomkey needs Node\.js 20\.19 or later; this is [\d.]+\.\n$/);
    expect(stderr).toContain(version);
  }
});

test.each(doors)('%s takes every Node.js that is new enough', (door) => {
  for (const version of ['20.19.0', '22.0.0', '24.9.0', '100.0.0'])
    expect(runAs(version, door, 'tools/setup/main.ts', '--help').stderr).not.toContain('needs Node.js');
});

test.each(doors)('%s asks for what package.json asks for', (door) => {
  const { engines } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'));
  const [, major, minor] = /wanted = \[(\d+), (\d+)\]/.exec(readFileSync(`${root}/${door}`, 'utf8')) ?? [];
  expect(engines.node).toBe(`>=${major}.${minor}`);
});

test.each(doors)(
  '%s has no syntax that an old Node.js does not parse, but import() behind the question',
  (door) => {
    const code = readFileSync(`${root}/${door}`, 'utf8').replace('import(', 'load(');
    const as = (target: string) => transformSync(code, { target }).code;
    expect(as('es5')).toBe(as('esnext'));
  },
);

test('a program behind the door finds its arguments, and ends with its own code', () => {
  const args = ['tools/run.cjs', 'tools/setup/main.ts', '--nonsense'];
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
  expect(status).toBe(2);
  expect(stderr).toContain("'--nonsense'");
});

test('npm starts every program of this repository behind the door', () => {
  const { scripts } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8')) as {
    scripts: Record<string, string>;
  };
  const ours = Object.entries(scripts).filter(([, script]) => /\bnode\b/.test(script));
  expect(ours.length).toBeGreaterThan(10);
  for (const [name, script] of ours)
    expect(script, name).toMatch(
      /^(tsc -b packages\/\w+ && )?exec node tools\/run\.cjs (tools|bench)\/[\w-]+(\/main)?\.ts/,
    );
});

test('test:node tells how it is used', () => {
  const run = (...args: string[]) =>
    spawnSync(process.execPath, ['tools/run.cjs', 'tools/test-node.ts', ...args], {
      cwd: root,
      encoding: 'utf8',
    });
  expect(run('--help')).toMatchObject({ status: 0, stderr: '' });
  expect(run('21')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('"21" is none of 20, 22, 24'),
  });
});
