import { describe, expect, it } from 'vitest';
import { formatted, objectOf } from '#infra/local/seed/schema.ts';
import { checkEntries, type IndexDifference } from '#shared/oversight/feeding/check-entries.ts';
import { reindexEntries } from '#shared/oversight/feeding/reindex-entries.ts';
import { plainLog } from '#tests/support/plain-log.ts';
import { feedAll, feedingOf, feedStores } from './feed-stage.ts';

const input = objectOf({ owner: formatted('ir-national-id') });

/** An inquiry that names somebody beside its subject, fed. */
const fed = async () => {
  const log = plainLog();
  await log.add([{ n: 1, facts: { params: { owner: '0790419904' } } }]);
  log.publish();
  const stores = feedStores();
  const parts = feedingOf(log, stores, { inputs: async () => input });
  await feedAll(parts);
  const check = async (): Promise<readonly IndexDifference[]> => {
    const found: IndexDifference[] = [];
    const checked = checkEntries({ ...parts, subjects: stores.subjects.store }, 0);
    for await (const { differences } of checked) found.push(...differences);
    return found;
  };
  return { parts, stores, check };
};

describe('a row of somebody who is named', () => {
  it('is missed by the check when it is lost, and put again when the index is made anew', async () => {
    const { parts, stores, check } = await fed();
    const right = stores.subjects.dump();
    expect(await check()).toEqual([]);
    await stores.subjects.store.remove(right.filter(({ named }) => named));
    const missing = { at: 'rows of subjects', problem: 'missing', leaves: [0] };
    expect(await check()).toEqual([missing]);
    for await (const { broken } of reindexEntries(parts, 0)) expect(broken).toBe(false);
    expect(stores.subjects.dump()).toEqual(right);
    expect(await check()).toEqual([]);
  });
});
