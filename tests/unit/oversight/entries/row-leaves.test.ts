import { describe, expect, it } from 'vitest';
import { readLeaves } from '#shared/audit/published-leaves.ts';
import { logFiles } from '#shared/audit/sequence/log-files.ts';
import { InquiryId } from '#shared/kernel/id.ts';
import { readRowLeaves } from '#shared/oversight/entries/row-leaves.ts';
import type { SubjectRow } from '#shared/oversight/feeding/subject-index.ts';
import { inquiryIdAt, testNow } from '#tests/support/messages.ts';
import { plainInquiry, plainLog } from '#tests/support/plain-log.ts';

const size = 300;

/** A log of a whole bundle and a part of one, and a row for each of its leaves. */
const logged = async () => {
  const { objects, leaves, publish } = plainLog();
  leaves.push(...Array.from({ length: size }, (_, n) => plainInquiry({ n }).leaf));
  publish();
  const files = logFiles(objects.store, 0);
  const rows = await readLeaves(
    files,
    { shard: 0, size },
    { from: 0, to: size },
    (_, index, place): SubjectRow => ({
      tag: 'AbCdEfGhIjKlMn-_',
      t: testNow,
      shard: 0,
      index,
      id: InquiryId.parse(inquiryIdAt(testNow)),
      place,
      known: {},
    }),
  );
  return { objects, leaves, rows };
};

describe('the leaves of rows', () => {
  it('are read at their places, in the order of the rows, and the size of the log once', async () => {
    const { objects, leaves, rows } = await logged();
    const before = objects.faults.calls('get');
    const some = [299, 0, 255, 256, 17, 0].flatMap((index) => rows[index] ?? []);
    const read = await readRowLeaves(objects.store)(some);
    const bytes = (all: readonly (Uint8Array | undefined)[]) =>
      all.map((one) => Buffer.from(one ?? []).toString('base64'));
    expect(bytes(read)).toEqual(bytes(some.map(({ index }) => leaves[index])));
    expect(objects.faults.calls('get') - before).toBe(1 + some.length);
  });

  it('are not asked for where no leaf can be: behind the log, or longer than any', async () => {
    const { objects, rows } = await logged();
    const [row] = rows;
    if (row === undefined) throw new Error('There are no rows.');
    const wrong = [
      { ...row, index: 512 },
      { ...row, place: { offset: 2, length: 65_536 } },
    ];
    for (const one of wrong) {
      const before = objects.faults.calls('get');
      await expect(readRowLeaves(objects.store)([one])).rejects.toMatchObject({
        name: 'index-unavailable',
      });
      expect(objects.faults.calls('get') - before).toBe(1);
    }
  });

  it('are told as unavailable while their store is', async () => {
    const { objects, rows } = await logged();
    objects.faults.breakCall('get', 'not-persisted', 2);
    await expect(readRowLeaves(objects.store)(rows.slice(0, 1))).rejects.toMatchObject({
      name: 'store-unavailable',
    });
  });
});
