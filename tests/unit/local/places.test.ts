import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { placesIn, preparePlaces } from '#infra/local/places.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';

const newFolder = async (): Promise<string> => {
  const folder = await temporaryFolder();
  onTestFinished(() => folder[Symbol.asyncDispose]());
  return folder.path;
};

describe('preparePlaces', () => {
  it('makes every directory, those above it too, for its owner alone, and may be called again', async () => {
    const places = placesIn(join(await newFolder(), 'a', 'b', 'data'));
    await preparePlaces(places);
    await preparePlaces(places);
    const { dataDir, keys, logs, objects, sequences, secretFile } = places;
    for (const path of [dataDir, keys, logs, objects, sequences]) {
      expect((await stat(path)).mode & 0o777).toBe(0o700);
    }
    expect((await stat(secretFile)).mode & 0o777).toBe(0o600);
  });

  it.each([
    ['below a file', async () => join(await newFolder(), 'file', 'data')],
    ['where no directory can be made', async () => '/proc/estelam'],
  ])('says what would be right %s, and does not hang', async (_, where) => {
    const dataDir = await where();
    if (dataDir.endsWith(join('file', 'data'))) await writeFile(join(dataDir, '..'), '');
    await expect(preparePlaces(placesIn(dataDir))).rejects.toThrow(
      `The data directory ${dataDir} cannot be written: set ESTELAM_DATA to one that can.`,
    );
  });
});
