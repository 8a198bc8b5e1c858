import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { DataDirectory } from '../data-directory.ts';

const packageFolder = fileURLToPath(new URL('../../../', import.meta.url));

/** Writes records as fast as it can, and says after each how many are on disk. */
const program = (folder: string) => `
  import { DataDirectory } from './src/store/data-directory.ts';
  const { journal } = await DataDirectory.open({ folder: ${JSON.stringify(folder)}, create: true, waitMs: 0 });
  for (let n = 1; ; n++) {
    journal.append({ at: n, kind: 'taken', actor: { type: 'system' }, cause: 'told' });
    await journal.appendGrant({ at: n, kind: 'granted', actor: { type: 'system' }, cause: 'granted' }).inTime;
    console.log(n);
  }
`;

test('a process that is killed between two records, or in one, leaves a journal that is good and has what was said to be kept', async () => {
  const parent = mkdtempSync(path.join(os.tmpdir(), 'roomkey-crash-'));
  const folder = path.join(parent, 'data');
  let kept = 0;
  for (const most of [1, 20, 60]) {
    const args = ['--conditions=source', '--import', 'tsx', '--input-type=module', '-e', program(folder)];
    const child = spawn(process.execPath, args, { cwd: packageFolder, stdio: ['ignore', 'pipe', 'inherit'] });
    const exited = once(child, 'exit');
    let said = 0;
    for await (const line of createInterface({ input: child.stdout })) {
      said = Number(line);
      if (said >= most) child.kill('SIGKILL');
    }
    await exited;
    kept += 2 * said;
    const data = await DataDirectory.open({ folder, create: false, waitMs: 0 });
    const { checked, finding } = await data.journalReader.verify();
    expect(finding).toBeUndefined();
    expect(checked).toBeGreaterThanOrEqual(kept);
    kept = checked;
    await data.close();
  }
  rmSync(parent, { recursive: true });
});
