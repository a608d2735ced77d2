import { describe, expect, it } from 'vitest';
import { segmentKey } from '#shared/audit/index/segment-source.ts';
import type { JournalEntry } from '#shared/audit/ports.ts';
import { Problem } from '#shared/kernel/problem.ts';
import { parseAuditQuery } from '#shared/oversight/entries/audit-query.ts';
import { type AuditPage, listEntries } from '#shared/oversight/entries/list-entries.ts';
import { operatorTag, subjectTag } from '#shared/oversight/tags.ts';
import { auditReadingOf } from '#tests/support/audit-reading.ts';
import {
  makeExchange,
  recordsOf,
  sampleEntries,
  type TestExchange,
  testKeys,
} from '#tests/support/exchange.ts';
import { type FedLog, fedLog, testSubjectKey } from '#tests/support/fed-log.ts';
import { requestFactsExample, testNow } from '#tests/support/messages.ts';
import { agencyOf } from '#tests/support/registry.ts';

const day = 86_400_000;
const counter = 'counter:72110345';

type Stage = TestExchange & {
  readonly fed: FedLog;
  readonly list: (filter?: Readonly<Record<string, string>>, reader?: string) => Promise<AuditPage>;
  /** The texts that were asked: the first two are read in the index, the third in the journal. */
  readonly texts: readonly string[];
  readonly range: { readonly from: string; readonly to: string };
};

const withBrokenVault = (row: JournalEntry): JournalEntry =>
  row.intent === undefined
    ? row
    : { ...row, intent: { ...row.intent, vault: row.intent.vault.map((byte) => byte ^ 1) } };

/** Two inquiries of two operators before the index's edge, and one behind it, in the journal. */
const setStage = async (): Promise<Stage> => {
  const registry = [...sampleEntries(await testKeys()), agencyOf('auditor:one')];
  const test = await makeExchange({ registry });
  const fed = fedLog(test);
  const ask = async (operator: string): Promise<string> => {
    const text = await test.request({ facts: { ...requestFactsExample, operator } });
    await test.submit(text);
    // Each in a bucket of its own, so that their order is that in which they were asked.
    test.clock.advance(10_000);
    return text;
  };
  const texts = [await ask('operator-7'), await ask('operator-8')];
  test.clock.advance(60_000);
  texts.push(await ask('operator-7'));
  await test.log.sequence();
  await test.log.feedIndex();
  await fed.feed();
  const list = listEntries(auditReadingOf(test, fed));
  const range = {
    from: new Date(testNow - day).toISOString(),
    to: new Date(testNow + day).toISOString(),
  };
  return {
    ...test,
    fed,
    texts,
    range,
    list: (filter = {}, reader = 'auditor:one') =>
      list(parseAuditQuery('id' in filter ? filter : { ...range, ...filter }), reader),
  };
};

const idOf = ({ addressOf, texts }: Stage, n: number): string => addressOf(texts[n] ?? '').id;

const tagOf = (operator: string): string => operatorTag(testSubjectKey, 2027, counter, operator);

describe('an entry of the index and one of the journal', () => {
  it('say the same, and the first where its leaf is', async () => {
    const stage = await setStage();
    const { entries, indexed } = await stage.list();
    expect(entries.map(({ id }) => id)).toEqual([0, 1, 2].map((n) => idOf(stage, n)));
    expect(Date.parse(indexed)).toBeLessThanOrEqual(stage.clock.now());
    const own: readonly string[] = ['i', 'o', 'id', 'asked', 'leaf', 'answer', 'ms'];
    const [first, , last] = entries.map((entry) =>
      Object.fromEntries(Object.entries(entry).filter(([name]) => !own.includes(name))),
    );
    expect(first).toEqual(last);
    expect(entries.map(({ leaf }) => leaf?.index)).toEqual([1, 2, undefined]);
    // The texts are much, and nobody asked for them.
    expect(entries.map(({ i, o }) => [i, o])).toEqual(entries.map(() => [undefined, undefined]));
    expect(first).toMatchObject({ counter, province: 'تهران', outcome: 'FOUND', hasCase: true });
  });

  it('show nothing of a person: no number, no name, and not even a pseudonym', async () => {
    const stage = await setStage();
    const page = JSON.stringify(await stage.list({ include: 'record' }));
    const { subject, operator, case: named } = requestFactsExample;
    for (const hidden of [
      subject.value,
      operator,
      named,
      subjectTag(testSubjectKey, 2027, subject),
      ...stage.texts.flatMap((text) => text.split('~').slice(1, -1)),
    ]) {
      expect(page).not.toContain(hidden);
    }
  });

  it('are found by the pseudonym of an operator, as they show it', async () => {
    const stage = await setStage();
    const { entries } = await stage.list({ operator: tagOf('operator-7') });
    expect(entries.map(({ id }) => id)).toEqual([0, 2].map((n) => idOf(stage, n)));
    expect(entries.map(({ operator }) => operator)).toEqual([
      tagOf('operator-7'),
      tagOf('operator-7'),
    ]);
    expect((await stage.list({ operator: 'A'.repeat(16) })).entries).toEqual([]);
  });

  it('are found by whether a case was named', async () => {
    const { list } = await setStage();
    expect((await list({ hasCase: 'true' })).entries).toHaveLength(3);
    expect((await list({ hasCase: 'false' })).entries).toEqual([]);
  });

  it('show no operator where the facts were erased', async () => {
    const stage = await setStage();
    await stage.journal.store.eraseFacts(stage.addressOf(stage.texts[2] ?? ''));
    const { entries } = await stage.list();
    expect(entries.at(-1)?.leaf).toBeUndefined();
    expect(entries.at(-1)).not.toHaveProperty('operator');
    expect(entries.at(-1)).not.toHaveProperty('hasCase');
  });
});

describe('an entry whose vault does not open', () => {
  it('is shown without what only that says, and is counted', async () => {
    const stage = await setStage();
    const { journal } = stage;
    const broken = {
      ...journal.store,
      list: async (...asked: Parameters<typeof journal.store.list>) => {
        const page = await journal.store.list(...asked);
        return { ...page, entries: page.entries.map(withBrokenVault) };
      },
    };
    const listed = listEntries({ ...auditReadingOf(stage, stage.fed), journal: broken });
    const { entries, closed } = await listed(parseAuditQuery(stage.range), 'auditor:one');
    expect(entries.map(({ id }) => id)).toEqual([0, 1, 2].map((n) => idOf(stage, n)));
    expect(entries.map(({ operator }) => operator === undefined)).toEqual([false, false, true]);
    expect(entries.at(-1)).toMatchObject({ counter, outcome: 'FOUND' });
    expect(closed).toBe(1);
    expect((await stage.list()).closed).toBe(0);
  });
});

describe('the texts of the leaves', () => {
  it('are those of the log, word for word, for all that are asked for with them', async () => {
    const stage = await setStage();
    const { entries } = await stage.list({ include: 'record' });
    expect(entries.map(({ i, o }) => ({ intent: i, outcome: o }))).toEqual(
      stage.texts.map((text) => recordsOf(stage.journal, stage.addressOf(text))),
    );
  });

  it('are none where the index names another leaf than the log has', async () => {
    const stage = await setStage();
    const [other] = await stage.log.leaves();
    const bundle = [...stage.log.objects.dump().keys()].find((key) => key.includes('/entries/'));
    const bytes = stage.log.objects.peek(bundle ?? '') ?? new Uint8Array();
    // The first leaf, the settings, four times over in the place of them all.
    const again = Buffer.concat([bytes.subarray(0, 2), other ?? new Uint8Array()]);
    stage.log.objects.overwrite(bundle ?? '', Buffer.concat([again, again, again, again]));
    await expect(stage.list({ include: 'record' })).rejects.toMatchObject({
      name: 'index-unavailable',
    });
    expect((await stage.list()).entries).toHaveLength(3);
  });
});

describe('one inquiry by its id', () => {
  it('is found in the index, in one segment, and in the journal while it is not there', async () => {
    const stage = await setStage();
    for (const n of [0, 1, 2]) {
      const { entries } = await stage.list({ id: idOf(stage, n) });
      expect(entries.map(({ id }) => id)).toEqual([idOf(stage, n)]);
      expect(entries.map(({ leaf }) => leaf === undefined)).toEqual([n === 2]);
    }
  });

  it('is found in the index when the journal has forgotten it', async () => {
    const stage = await setStage();
    stage.clock.advance(30 * day);
    const { entries } = await stage.list({ id: idOf(stage, 0), include: 'record' });
    expect(entries.map(({ id, i }) => [id, i === undefined])).toEqual([[idOf(stage, 0), false]]);
  });

  it('is nobody’s to whom it is not, wherever it stands', async () => {
    const stage = await setStage();
    for (const n of [0, 2]) {
      const list = (reader: string) => stage.list({ id: idOf(stage, n) }, reader);
      expect((await list(counter)).entries).toHaveLength(1);
      expect((await list('counter:72110346')).entries).toEqual([]);
      expect((await list('agency:telecom')).entries).toEqual([]);
    }
  });

  it('is index-unavailable where its segment is gone', async () => {
    const stage = await setStage();
    stage.fed.objects.overwrite(segmentKey(0, 0), undefined);
    const asked = stage.list({ id: idOf(stage, 0) });
    await expect(asked).rejects.toBeInstanceOf(Problem);
    await expect(asked).rejects.toMatchObject({ name: 'index-unavailable' });
  });
});
