import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatted, objectOf } from '#infra/local/seed/schema.ts';
import { addressOf } from '#shared/audit/address.ts';
import { factsOfLeaf } from '#shared/audit/index/entry-facts.ts';
import { memoryJournalStore } from '#shared/audit/memory-journal-store.ts';
import { bundleFile, logFiles, logKey, readEntryAt } from '#shared/audit/sequence/log-files.ts';
import { feedEntries } from '#shared/oversight/feeding/feed-entries.ts';
import { eraseVaultRows, readVault, vaultKeyOf } from '#shared/oversight/feeding/vault-objects.ts';
import { operatorTag, subjectTag, type TaggedSubject } from '#shared/oversight/tags.ts';
import { makeExchange } from '#tests/support/exchange.ts';
import { fedLog, testSubjectKey } from '#tests/support/fed-log.ts';
import { lateLeaf, recordLeaf } from '#tests/support/log-leaves.ts';
import { inquiryIdAt, requestFactsExample, testNow } from '#tests/support/messages.ts';
import { plainInquiry, plainKeys, plainLayout, plainLog } from '#tests/support/plain-log.ts';
import { feedAll, feedingOf, feedStores, indexedFacts, logOf, shownStores } from './feed-stage.ts';

const bucketStart = (t: number): number => Math.floor(t / 10_000) * 10_000;

describe('feeding the index of entries', () => {
  it('knows of an inquiry what its leaf says, and what only its disclosures and the registry do', async () => {
    const test = await makeExchange();
    await test.submit(await test.request());
    await test.log.sequence();
    const fed = fedLog(test);
    const last = await fed.feed();
    const [facts] = indexedFacts({ ...fed, derived: fed.objects });
    const year = new Date(testNow).getUTCFullYear();
    const counter = 'counter:72110345';
    expect(last).toEqual({ size: 2, fed: 2, more: false, unopened: 0, broken: false });
    expect(facts).toMatchObject({
      shard: 0,
      index: 1,
      counter,
      outcome: 'FOUND',
      province: 'تهران',
      subjectTag: subjectTag(testSubjectKey, year, requestFactsExample.subject),
      operatorTag: operatorTag(testSubjectKey, year, counter, requestFactsExample.operator),
      hasCase: true,
    });
    const { subjectTag: tag, t, id, province, operatorTag: operator, hasCase } = facts ?? {};
    const known = { province, operatorTag: operator, hasCase };
    const [row, ...others] = fed.subjects.dump();
    expect(others).toEqual([]);
    expect(row).toMatchObject({ tag, t, shard: 0, index: 1, id, known });
    const place = row?.place ?? { offset: 0, length: 0 };
    const bundle = { index: 0, width: 2 };
    const leaf = await readEntryAt(logFiles(test.log.objects.store, 0), bundle, place);
    expect(factsOfLeaf(leaf, { shard: 0, index: 1 })?.id).toBe(id);
    expect(fed.marks.peek(0)).toEqual({ size: 2, until: bucketStart(testNow), late: 0 });
  });

  it('leads from everybody whom the params name to the inquiry, and says that it was about another', async () => {
    const log = plainLog();
    const [owner, heir] = [
      { type: 'ir-national-id', value: '0790419904' },
      { type: 'ir-national-id', value: '1000000001' },
    ] as const;
    const { subject } = requestFactsExample;
    await log.add([
      { n: 1, service: 'police/vehicle@1', facts: { params: { owner: owner.value } } },
      {
        n: 2,
        t: testNow + 1,
        service: 'police/vehicle@1',
        facts: { params: { owner: subject.value, heirs: [heir.value, owner.value] } },
      },
      {
        n: 3,
        t: testNow + 2,
        service: 'police/gone@1',
        facts: { params: { owner: owner.value } },
      },
    ]);
    log.publish();
    const person = formatted('ir-national-id');
    const input = objectOf({ owner: person, heirs: { type: 'array', items: person } });
    const stores = feedStores();
    const inputs = async (service: string) => (service === 'police/vehicle@1' ? input : undefined);
    await feedAll(feedingOf(log, stores, { inputs }));
    const year = new Date(testNow).getUTCFullYear();
    const rowsOf = (about: TaggedSubject) =>
      stores.subjects
        .dump()
        .filter(({ tag }) => tag === subjectTag(plainKeys.subjectKey, year, about))
        .map(({ index, named }) => [index, named]);
    expect(rowsOf(subject)).toEqual([2, 1, 0].map((index) => [index, undefined]));
    expect(rowsOf(owner)).toEqual([1, 0].map((index) => [index, true]));
    expect(rowsOf(heir)).toEqual([[1, true]]);
    const [first, second] = stores.subjects.dump().filter(({ index }) => index === 0);
    expect(second).toMatchObject({ place: first?.place, known: first?.known, id: first?.id });
  });

  it('knows inquiries only, also such as came late, which do not move its time', async () => {
    const log = plainLog();
    log.leaves.push(recordLeaf({ v: 1, k: 'config', t: testNow }));
    const [first] = await log.add([{ n: 1, t: testNow }]);
    const access = { v: 1, k: 'access', id: inquiryIdAt(testNow + 20_000), t: testNow + 20_000 };
    log.leaves.push(recordLeaf(access));
    const [late] = await log.add([{ n: 2, t: testNow - 3_600_000 }]);
    log.leaves.push(lateLeaf(late?.id ?? '', late?.leaf ?? new Uint8Array(), testNow));
    log.publish();
    const stores = feedStores();
    await feedAll(feedingOf(log, stores));
    expect(indexedFacts(stores).map(({ id, index }) => [id, index])).toEqual([
      [first?.id, 1],
      [late?.id, 3],
    ]);
    expect(stores.marks.peek(0)).toEqual({ size: 5, until: testNow + 20_000, late: 3_620_000 });
  });

  it('sees that an entry is late whose notice stands in the next segment', async () => {
    const log = await logOf(4095, 1000);
    const [late] = await log.add([{ n: 5000, t: testNow + 86_400_000 }]);
    log.leaves.push(lateLeaf(late?.id ?? '', late?.leaf ?? new Uint8Array(), testNow));
    log.publish();
    const stores = feedStores();
    const step = feedEntries(feedingOf(log, stores), 0);
    expect(await step()).toMatchObject({ fed: 4096, more: true });
    expect(stores.marks.peek(0).until).toBe(bucketStart(testNow + 4094));
  });

  it('comes to the same in whatever steps the log grows', async () => {
    const count = 600;
    const log = await logOf(count, 20);
    const atOnce = feedStores();
    await feedAll(feedingOf(log, atOnce));
    const sizes = fc.uniqueArray(fc.integer({ min: 1, max: count }), { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(sizes, async (chosen) => {
        const stores = feedStores();
        for (const size of [...chosen.toSorted((a, b) => a - b), count]) {
          log.publish(size);
          await feedAll(feedingOf(log, stores));
        }
        expect(shownStores(stores)).toEqual(shownStores(atOnce));
      }),
      { numRuns: 8 },
    );
    expect(indexedFacts(atOnce)).toHaveLength(30);
  });

  it('takes a segment in a step, and puts each object once', async () => {
    const log = await logOf(4100, 100);
    const stores = feedStores();
    const steps = await feedAll(feedingOf(log, stores));
    expect(steps.map(({ fed, more }) => [fed, more])).toEqual([
      [4096, true],
      [4100, false],
    ]);
    expect(indexedFacts(stores)).toHaveLength(41);
    expect(stores.derived.faults.calls('replace')).toBe(16 + 2 * 3);
  });

  it('writes nothing while the log does not grow', async () => {
    const log = await logOf(3);
    const stores = feedStores();
    await feedAll(feedingOf(log, stores));
    const calls = () => [
      stores.derived.faults.calls('replace'),
      stores.derived.faults.calls('get'),
      stores.subjects.faults.calls('put'),
      stores.marks.faults.calls('swap'),
    ];
    const before = calls();
    await feedAll(feedingOf(log, stores));
    expect(calls()).toEqual(before);
  });

  it('is idle on a log without a checkpoint', async () => {
    const stores = feedStores();
    const steps = await feedAll(feedingOf(plainLog(), stores));
    expect(steps).toEqual([{ size: 0, fed: 0, more: false, unopened: 0, broken: false }]);
  });

  it('reads the journal by its partitions, not by its entries', async () => {
    const log = await logOf(300);
    await feedAll(feedingOf(log, feedStores()));
    // Two slots, in each of two bundles.
    expect(log.journal.faults.calls('list')).toBe(4);
  });

  it('stops at a bundle that is gone, and at a leaf that says nothing', async () => {
    const log = await logOf(300, 50);
    const stores = feedStores();
    const { path } = bundleFile(0, log.leaves.slice(0, 256));
    const gone = log.objects.peek(logKey(0, path));
    log.objects.overwrite(logKey(0, path), undefined);
    const name = 'FeedStopped';
    await expect(feedAll(feedingOf(log, stores))).rejects.toMatchObject({ name });
    log.objects.overwrite(logKey(0, path), gone);
    log.leaves[299] = Buffer.from('{"k":"i"}\n{}\n');
    log.publish();
    await expect(feedAll(feedingOf(log, stores))).rejects.toMatchObject({ name });
    expect(stores.marks.peek(0).size).toBe(0);
  });
});

describe('the vault while the index of entries is fed', () => {
  it('holds what the journal held, so that the index is made again without it', async () => {
    const log = await logOf(301, 20);
    const stores = feedStores();
    await feedAll(feedingOf(log, stores));
    const { objects } = shownStores(stores);
    const again = { ...feedStores(), subjects: stores.subjects };
    for (const key of [vaultKeyOf(0, 0), vaultKeyOf(0, 1)]) {
      again.derived.overwrite(key, stores.derived.peek(key));
    }
    const journal = memoryJournalStore();
    await feedAll(feedingOf(log, again, { journal: journal.store }));
    expect(shownStores(again).objects).toEqual(objects);
    expect(journal.faults.calls('list')).toBe(0);
    const rows = await readVault(stores.derived.store, 0, 1);
    const last = plainInquiry({ n: 300, t: testNow + 300 });
    expect(rows[44]).toMatchObject({ kind: 'sealed', id: last.id });
  });

  it('leaves an entry without tags whose row of the journal was emptied, and says erased', async () => {
    const log = plainLog();
    const { id, leaf } = plainInquiry({ n: 1 });
    log.leaves.push(leaf);
    const row = { record: new Uint8Array(1), vault: new Uint8Array() };
    await log.journal.store.putIntent(addressOf(id, plainLayout), row);
    log.publish();
    const stores = feedStores();
    const [step] = await feedAll(feedingOf(log, stores));
    expect(step?.unopened).toBe(0);
    expect(indexedFacts(stores)[0]).not.toHaveProperty('subjectTag');
    expect((await readVault(stores.derived.store, 0, 0))[0]).toEqual({ kind: 'erased' });
    expect(stores.subjects.dump()).toEqual([]);
  });

  it('keeps erased what was erased when the index is made again, whatever the journal has', async () => {
    const log = await logOf(20);
    const stores = feedStores();
    await feedAll(feedingOf(log, stores));
    await eraseVaultRows(stores.derived.store, 0, 0, [7]);
    await stores.subjects.store.remove(stores.subjects.dump());
    await stores.marks.store.swap(0, stores.marks.peek(0), { size: 0, until: 0 });
    await feedAll(feedingOf(log, stores));
    const known = indexedFacts(stores).filter(({ subjectTag: tag }) => tag !== undefined);
    expect(known.map(({ index }) => index)).not.toContain(7);
    expect(known).toHaveLength(19);
    expect(indexedFacts(stores)[7]).not.toHaveProperty('hasCase');
    expect(stores.subjects.dump().map(({ index }) => index)).not.toContain(7);
  });

  it('says how many it cannot open, and knows of them what the leaf says', async () => {
    const log = await logOf(3);
    const other = { ...plainKeys, vaultKey: new Uint8Array(32), layout: plainLayout };
    const stores = feedStores();
    const steps = await feedAll(feedingOf(log, stores, { settings: other }));
    expect(steps.at(-1)?.unopened).toBe(3);
    expect(indexedFacts(stores)).toHaveLength(3);
    expect(stores.subjects.dump()).toEqual([]);
  });

  it('says so too of an inquiry whose row is lost, and of what no request discloses', async () => {
    const log = plainLog();
    log.leaves.push(plainInquiry({ n: 1 }).leaf);
    await log.add([
      { n: 2, t: testNow + 1, facts: { subject: 'somebody' } },
      { n: 3, t: testNow + 2, facts: { operator: 7 } },
      { n: 4, t: testNow + 3, facts: { case: '' } },
    ]);
    log.publish();
    const stores = feedStores();
    const steps = await feedAll(feedingOf(log, stores));
    expect(steps.at(-1)?.unopened).toBe(3);
    expect(indexedFacts(stores).map(({ hasCase }) => hasCase)).toEqual([
      undefined,
      undefined,
      undefined,
      false,
    ]);
  });

  it('is mended by the journal where a row was spoilt', async () => {
    const log = await logOf(3);
    const stores = feedStores();
    await feedAll(feedingOf(log, stores));
    const right = shownStores(stores);
    const key = vaultKeyOf(0, 0);
    const spoilt = stores.derived.peek(key) ?? new Uint8Array();
    spoilt[spoilt.length - 1] = (spoilt.at(-1) ?? 0) ^ 1;
    stores.derived.overwrite(key, spoilt);
    await stores.marks.store.swap(0, stores.marks.peek(0), { size: 0, until: 0 });
    await feedAll(feedingOf(log, stores));
    expect(shownStores(stores)).toEqual(right);
  });

  it('is left as it is where it cannot be read at all: it may be the only copy', async () => {
    const log = await logOf(3);
    const stores = feedStores();
    const broken = Buffer.from('no vault');
    stores.derived.overwrite(vaultKeyOf(0, 0), broken);
    const steps = await feedAll(feedingOf(log, stores));
    expect(steps.at(-1)).toMatchObject({ fed: 3, unopened: 0 });
    expect(Buffer.from(stores.derived.peek(vaultKeyOf(0, 0)) ?? [])).toEqual(broken);
    expect(indexedFacts(stores)[2]).toHaveProperty('subjectTag');
    const gone = memoryJournalStore().store;
    await stores.marks.store.swap(0, stores.marks.peek(0), { size: 0, until: 0 });
    const again = await feedAll(feedingOf(log, stores, { journal: gone }));
    expect(again.at(-1)?.unopened).toBe(3);
  });
});
