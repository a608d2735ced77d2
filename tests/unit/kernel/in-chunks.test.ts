import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inChunks } from '#shared/kernel/in-chunks.ts';

describe('work in chunks', () => {
  it('is done for every item, in their order, and never for more at once than it may', async () => {
    const chunks = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.array(fc.nat(), { maxLength: 20 }));
    await fc.assert(
      fc.asyncProperty(chunks, async ([limit, items]) => {
        const at = { once: 0, most: 0 };
        const results = await inChunks(limit, items, async (item) => {
          at.once += 1;
          at.most = Math.max(at.most, at.once);
          await Promise.resolve();
          at.once -= 1;
          return item + 1;
        });
        expect(results).toEqual(items.map((item) => item + 1));
        expect(at.most).toBe(Math.min(limit, items.length));
      }),
    );
  });
});
