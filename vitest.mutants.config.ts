import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { folders, tooSlow } from './tools/mutants/folders.ts';
import workspace from './vitest.config.ts';

// The project `unit`, for the mutants of one folder: its own tests first.

const name = process.env['ROOMKEY_MUTANTS_FOLDER'];
const folder = folders.find((each) => each.name === name);
if (!folder) throw new Error('ROOMKEY_MUTANTS_FOLDER names no folder; `npm run mutants` sets it');

const rank = ({ moduleId }: TestSpecification): number => (moduleId.includes(`/${folder.path}/`) ? 0 : 1);

class OwnTestsFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files.sort((one, other) => rank(one) - rank(other) || (one.moduleId < other.moduleId ? -1 : 1));
  }
}

export default defineConfig({
  resolve: workspace.resolve,
  ssr: workspace.ssr,
  test: {
    include: [...folder.tests],
    exclude: ['**/*.contract.test.ts', '**/node_modules/**', ...tooSlow],
    // Modules are evaluated once for all files of a run: without this, they are most of the time.
    isolate: false,
    sequence: { sequencer: OwnTestsFirst },
    // As for the project `unit`: only what waits for ever takes so long.
    testTimeout: 60_000,
  },
});
