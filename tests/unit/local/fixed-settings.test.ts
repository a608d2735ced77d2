import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { holdFixed } from '#infra/local/fixed-settings.ts';
import { readSettings } from '#infra/local/settings.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';

const hold = (path: string, environment: Readonly<Record<string, string>> = {}): Promise<void> =>
  holdFixed(
    { fixedFile: join(path, 'fixed.env'), dataDir: 'data' },
    readSettings(environment, false),
  );

describe('what must not change once the log has begun', () => {
  it('is written down at the first start, and holds at the next', async () => {
    await using folder = await temporaryFolder();
    await hold(folder.path, { PORT: '9000', JOURNAL_SHARDS: '2' });
    expect(await readFile(join(folder.path, 'fixed.env'), 'utf8')).toBe(
      'PORT=9000\nJOURNAL_SHARDS=2\nJOURNAL_SLOTS=16\n',
    );
    await hold(folder.path, { PORT: '9000', JOURNAL_SHARDS: '2', JOURNAL_SLOTS: '16' });
  });

  it.each([{ PORT: '9000' }, { JOURNAL_SHARDS: '2' }, { JOURNAL_SLOTS: '8' }])(
    'is refused when it is another: %o',
    async (change) => {
      await using folder = await temporaryFolder();
      await hold(folder.path);
      const [name] = Object.keys(change);
      await expect(hold(folder.path, change)).rejects.toThrow(
        `The log in data began with ${name}=`,
      );
    },
  );

  it('is refused when the file is damaged', async () => {
    await using folder = await temporaryFolder();
    await writeFile(join(folder.path, 'fixed.env'), 'PORT=8787\nJOURNAL_SLOTS=16\n');
    await expect(hold(folder.path)).rejects.toThrow(
      'fixed.env is damaged: it must hold JOURNAL_SHARDS.',
    );
  });
});
