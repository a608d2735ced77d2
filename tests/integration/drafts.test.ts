import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { directoryObjectStore } from '#functions/runtime/objects/directory-object-store.ts';
import { newDraft, removeDrafts } from '#functions/runtime/objects/drafts.ts';
import { removeDraftsIn } from '#infra/local/drafts.ts';
import { placesIn, preparePlaces } from '#infra/local/places.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';

const newFolder = async (): Promise<string> => {
  const folder = await temporaryFolder();
  onTestFinished(() => folder[Symbol.asyncDispose]());
  return folder.path;
};

describe('what was on its way to be an object when its process was stopped', () => {
  it('is gone once an exchange begins again, from each of its directories', async () => {
    const places = placesIn(await newFolder());
    await preparePlaces(places);
    const directories = [places.objects, places.derived, places.staging];
    for (const directory of directories) await writeFile(newDraft(directory), 'half');
    await removeDraftsIn(places);
    expect(await Promise.all(directories.map((one) => readdir(one)))).toEqual([[], [], []]);
  });

  it('is nothing else that stands in the directory', async () => {
    const root = await newFolder();
    await directoryObjectStore(root).putIfAbsent('a', Uint8Array.of(1));
    await writeFile(join(root, '.keep'), '');
    await writeFile(newDraft(root), 'half');
    await removeDrafts(root);
    expect((await readdir(root)).toSorted()).toEqual(['.keep', 'a']);
    expect([...(await readFile(join(root, 'a')))]).toEqual([1]);
  });

  it('is nothing where no directory is', async () => {
    await expect(removeDrafts(join(await newFolder(), 'none'))).resolves.toBeUndefined();
  });
});
