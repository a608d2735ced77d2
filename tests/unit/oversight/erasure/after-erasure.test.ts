import { describe, expect, it } from 'vitest';
import { addressOf } from '#shared/audit/address.ts';
import { putLeaf } from '#shared/audit/put-leaf.ts';
import { logKey } from '#shared/audit/sequence/log-files.ts';
import { readReceipt } from '#shared/client/verify/check-receipt.ts';
import { fsck } from '#shared/client/verify/fsck.ts';
import { readerOf } from '#shared/client/verify/log-reader.ts';
import { canonicalJson } from '#shared/kernel/canonical-json.ts';
import { findVault } from '#shared/oversight/facts/find-vault.ts';
import { subjectHistory } from '#shared/oversight/facts/search-subject.ts';
import { Subject } from '#shared/persian/subject.ts';
import { nameOf } from '#shared/registry/entry.ts';
import { sampleEntries } from '#tests/support/exchange.ts';
import { testSubjectKey } from '#tests/support/fed-log.ts';
import { requestFactsExample } from '#tests/support/messages.ts';
import { entryText } from '#tests/support/registry.ts';
import { other, person, setErasing } from './erasing.ts';

/** A log with every key on record, two inquiries in it and the receipt of one, and what is seen of it. */
const recorded = async () => {
  const stage = await setErasing();
  const { exchange, keys, log, fed, clock } = stage;
  const { journal, settings, random, now } = exchange;
  const recording = { journal, layout: settings.layout, now, random };
  // As an early release recorded what it wrote without a command.
  for (const entry of sampleEntries(keys)) {
    const { kind, key } = nameOf(entry);
    const about = { kind, key, n: entry.version, entry: entryText(entry) };
    await putLeaf(recording, (id, t) => ({ v: 1, k: 'registry', id, t, ...about }));
  }
  const { kid, jwk } = keys.exchange;
  const own = { kid, jwk: canonicalJson(jwk) };
  await putLeaf(recording, (id, t) => ({ v: 1, k: 'key', id, t, ...own }));
  clock.advance(15_000);
  const text = await stage.request({ facts: { ...requestFactsExample, subject: person } });
  const { receipt } = await stage.submit(text);
  const { id } = stage.addressOf(text);
  const others = await stage.ask(other);
  await stage.settle();
  return {
    ...stage,
    id,
    others,
    verify: async () => {
      await log.witness();
      const receipts = [readReceipt(receipt)].filter((one) => one !== undefined);
      return fsck({
        reader: readerOf((path) => log.objects.store.get(logKey(0, path))),
        policy: log.policy,
        depth: 'all',
        receipts,
      });
    },
    /** What a search for the person finds. */
    history: async () => {
      const search = subjectHistory({
        objects: log.objects.store,
        subjects: fed.subjects.store,
        subjectKey: testSubjectKey,
      });
      const { size, until } = fed.marks.peek(0);
      const found = await search(
        { until, reaches: [{ shard: 0, size, late: 0 }] },
        {
          subject: Subject.parse(person),
          from: 0,
          to: now(),
          within: [{ kind: 'all' }],
          limit: 10,
          place: undefined,
        },
      );
      return found.entries.map((entry) => entry.id);
    },
    facts: (one = id) => {
      const row = fed.subjects.dump().find((known) => known.id === one);
      const parts = { derived: fed.objects.store, journal: journal, settings };
      return findVault(parts)(one, row ?? { shard: 0, index: 0 });
    },
  };
};

describe('a person who was erased', () => {
  it('is not found by anybody, and nobody can open what was said', async () => {
    const stage = await recorded();
    expect(await stage.history()).toEqual([stage.id]);
    expect(await stage.facts()).toHaveLength(4);
    await stage.order();
    await stage.settle();
    await stage.run();
    expect(await stage.history()).toEqual([]);
    expect(await stage.facts()).toBe('erased');
    expect(await stage.facts(stage.others)).toHaveLength(4);
  });

  it('leaves every signature, receipt and proof as it was', async () => {
    const stage = await recorded();
    const before = await stage.verify();
    const leaves = await stage.log.leaves();
    await stage.order();
    await stage.settle();
    await stage.run();
    await stage.settle();
    const after = await stage.verify();
    expect([before.findings, after.findings]).toEqual([[], []]);
    expect(after.checks.filter(({ result }) => result === 'failed')).toEqual([]);
    expect(after.checks.find(({ check }) => check === 'form')?.detail).toContain('1 erasure');
    expect((await stage.log.leaves()).slice(0, leaves.length)).toEqual(leaves);
  });

  it('does not come back when the index is made again from log, vault and journal', async () => {
    const stage = await recorded();
    await stage.order();
    await stage.settle();
    await stage.run();
    await stage.fed.marks.store.swap(0, stage.fed.marks.peek(0), { size: 0, until: 0 });
    await stage.fed.feed();
    expect(await stage.history()).toEqual([]);
    expect(stage.left(stage.id)).toEqual([]);
    // Nor where all of the index is lost, and the vault with it.
    for (const key of stage.fed.objects.dump().keys()) stage.fed.objects.overwrite(key, undefined);
    await stage.fed.marks.store.swap(0, stage.fed.marks.peek(0), { size: 0, until: 0 });
    await stage.fed.feed();
    expect(await stage.history()).toEqual([]);
    expect(stage.left(stage.id)).toEqual([]);
    expect(stage.left(stage.others)).toHaveLength(7);
  });

  it('can be asked about anew, of which the erasure takes nothing', async () => {
    const stage = await recorded();
    await stage.order();
    await stage.settle();
    await stage.run();
    const again = await stage.ask(person);
    await stage.settle();
    await stage.run();
    expect(await stage.history()).toEqual([again]);
    expect(addressOf(again, stage.exchange.settings.layout).id).toBe(again);
  });
});
