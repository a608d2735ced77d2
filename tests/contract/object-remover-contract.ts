/** What every ObjectRemover promises (shared/audit/object-remover.ts). */
import { describe, expect, it } from 'vitest';
import type { ObjectRemover } from '#shared/audit/object-remover.ts';
import type { ObjectStore } from '#shared/audit/ports.ts';

export type Removing = { readonly store: ObjectStore; readonly remover: ObjectRemover };

const bytes = Uint8Array.of(1, 2, 3);

/** Those of some keys under which something stands. */
const standing = async (
  { store }: Pick<Removing, 'store'>,
  keys: readonly string[],
): Promise<readonly string[]> => {
  const found = await Promise.all(keys.map((key) => store.get(key)));
  return keys.filter((_, n) => found[n] !== undefined);
};

export const objectRemoverContract = (name: string, make: () => Promise<Removing>): void => {
  describe(`${name} as an ObjectRemover`, () => {
    it('removes what stands below a folder, however deep, and nothing beside it', async () => {
      const { store, remover } = await make();
      const below = ['export/7/plan', 'export/7/lines/0', 'export/7/lines/1', 'export/7/head/0'];
      const beside = ['export/70/plan', 'export/6/lines/0', 'index/0/segment/7', 'export/7.plan'];
      for (const key of [...below, ...beside]) await store.putIfAbsent(key, bytes);
      await remover.removeBelow('export/7');
      expect(await standing({ store }, [...below, ...beside])).toEqual(beside);
    });

    it('takes a folder for removed that has nothing, or never had', async () => {
      const { store, remover } = await make();
      await store.putIfAbsent('export/7/plan', bytes);
      await remover.removeBelow('export/7');
      await remover.removeBelow('export/7');
      await remover.removeBelow('export/8');
      await remover.removeBelow('never/used/at/all');
      expect(await standing({ store }, ['export/7/plan'])).toEqual([]);
    });

    it('leaves the place free: what is put there later stands, and can be removed again', async () => {
      const { store, remover } = await make();
      await store.putIfAbsent('export/7/lines/0', bytes);
      await remover.removeBelow('export/7');
      expect(await store.putIfAbsent('export/7/lines/0', Uint8Array.of(9))).toBe('written');
      expect([...((await store.get('export/7/lines/0')) ?? [])]).toEqual([9]);
      await remover.removeBelow('export/7/lines');
      expect(await store.get('export/7/lines/0')).toBeUndefined();
    });

    it('may be told the same by many at once', async () => {
      const { store, remover } = await make();
      const keys = Array.from({ length: 40 }, (_, n) => `export/7/lines/${n}`);
      await Promise.all(keys.map((key) => store.putIfAbsent(key, bytes)));
      await Promise.all(Array.from({ length: 4 }, () => remover.removeBelow('export/7')));
      expect(await standing({ store }, keys)).toEqual([]);
    });

    it.each(['', '/', '..', 'export/..', 'export/', '/export', 'export//7', 'export/*'])(
      'removes nothing for what is no folder of keys: %j',
      async (folder) => {
        const { store, remover } = await make();
        await store.putIfAbsent('export/7/plan', bytes);
        await expect(remover.removeBelow(folder)).rejects.toThrow(TypeError);
        expect(await standing({ store }, ['export/7/plan'])).toHaveLength(1);
      },
    );
  });
};
