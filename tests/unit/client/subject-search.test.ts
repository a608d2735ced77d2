import { describe, expect, it } from 'vitest';
import { followSearch } from '#shared/client/subject-search.ts';
import type { JsonObject } from '#shared/kernel/strict-json.ts';

const page = (ids: readonly string[], next?: string): JsonObject => ({
  entries: ids.map((id) => ({ id })),
  from: '2017-01-01T00:00:00.000Z',
  to: '2027-01-15T08:00:00.000Z',
  indexed: '2027-01-15T07:59:50.000Z',
  ...(next !== undefined && { next }),
});

describe('a search that the client follows', () => {
  it('asks for page after page of the same search until there is no other', async () => {
    const asked: JsonObject[] = [];
    const pages = [page(['a', 'b'], 'one'), page([], 'two'), page(['c'])];
    const post = async (target: string, question: JsonObject) => {
      expect(target).toBe('/v1/audit/subject-search');
      asked.push(question);
      return pages[asked.length - 1] ?? {};
    };
    const search = {
      subject: { type: 'ir-national-id', value: '۰۴۹۹۳۷۰۸۹۹' },
      order: 'court-12/05-778',
    } as const;
    const ids: unknown[] = [];
    for await (const { entries, ...rest } of followSearch(post, search)) {
      ids.push(...entries.map(({ id }) => id));
      expect(rest).not.toHaveProperty('next');
    }
    expect(ids).toEqual(['a', 'b', 'c']);
    expect(asked).toEqual([search, { ...search, cursor: 'one' }, { ...search, cursor: 'two' }]);
  });

  it('does not go on from what is no page', async () => {
    const search = { operator: { counter: 'counter:1', name: 'x' }, order: 'x' };
    const pages = followSearch(async () => ({ entries: 'none' }), search);
    await expect(pages.next()).rejects.toMatchObject({ check: 'shape' });
  });
});
