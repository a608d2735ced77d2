import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readLeaves } from '#shared/audit/published-leaves.ts';
import { logFiles } from '#shared/audit/sequence/log-files.ts';
import { sha256, utf8 } from '#shared/kernel/bytes.ts';
import type { AuditEntry } from '#shared/oversight/entries/audit-entry.ts';
import {
  type HistoryPage,
  type HistoryPlace,
  mostLookedAt,
  subjectHistory,
} from '#shared/oversight/facts/search-subject.ts';
import { memorySubjectIndex } from '#shared/oversight/feeding/memory-subject-index.ts';
import type { SubjectRow } from '#shared/oversight/feeding/subject-index.ts';
import { subjectTag, taggedSubject } from '#shared/oversight/tags.ts';
import { Subject } from '#shared/persian/subject.ts';
import type { Scope } from '#shared/registry/scope.ts';
import { recordLeaf } from '#tests/support/log-leaves.ts';
import { plainInquiry, plainLog } from '#tests/support/plain-log.ts';

const subjectKey = sha256('subject key');
const subject = Subject.parse({ type: 'ir-national-id', value: '0499370899' });
const day = 86_400_000;
const start = Date.UTC(2024, 11, 25);
const end = start + 800 * day;

/** Inquiries about one subject, some in the same millisecond, over three years. */
const times = fc.array(
  fc.oneof(
    fc.integer({ min: start, max: end - 1 }),
    fc.constantFrom(Date.UTC(2025, 0, 1), Date.UTC(2026, 0, 1) - 1),
  ),
  { maxLength: 20 },
);

/** An inquiry about the subject, at one counter or the other. */
type Made = { readonly t: number; readonly isForeign?: boolean };

const own = 'counter:72110345';
const foreign = 'counter:72110346';

const stageOf = async (all: readonly Made[], isThere: (one: Made) => boolean = () => true) => {
  const made = all.toSorted((a, b) => a.t - b.t);
  const log = plainLog();
  const inquiries = made.map(({ t, isForeign = false }, n) =>
    plainInquiry({ n, t, counter: isForeign ? foreign : own }),
  );
  log.leaves.push(...inquiries.map(({ leaf }) => leaf));
  log.publish();
  const size = made.length;
  const places = await readLeaves(
    logFiles(log.objects.store, 0),
    { shard: 0, size },
    { from: 0, to: size },
    (_, __, place) => place,
  );
  const subjects = memorySubjectIndex();
  const known = { province: 'تهران', operatorTag: 'OpErAtOrOpErAtOr', hasCase: true };
  const rows = made.flatMap((one, index): readonly SubjectRow[] => {
    const [inquiry, place] = [inquiries[index], places[index]];
    if (inquiry === undefined || place === undefined || !isThere(one)) return [];
    const year = new Date(one.t).getUTCFullYear();
    const tag = subjectTag(subjectKey, year, taggedSubject(subject));
    return [{ tag, t: one.t, shard: 0, index, id: inquiry.id, place, known }];
  });
  await subjects.store.put(rows);
  const objects = log.objects.store;
  const history = subjectHistory({ objects, subjects: subjects.store, subjectKey });
  const edge = { until: end, reaches: [{ shard: 0, size, late: 0 }] };
  return {
    facts: inquiries.map(({ id }, n) => ({ id, t: made[n]?.t ?? 0 })),
    rows,
    subjects,
    log,
    ask: (asked: Asked) => history(edge, { subject, within: everything, ...asked }),
  };
};

type Asked = {
  readonly from: number;
  readonly to: number;
  readonly limit: number;
  readonly place: HistoryPlace | undefined;
  readonly within?: readonly Scope[];
};
const everything = [{ kind: 'all' }] as const;
const ownOnly = [{ kind: 'counter', value: own }] as const;

/** All pages of a search, as they are. */
const pagesOf = async (
  { ask }: Pick<Awaited<ReturnType<typeof stageOf>>, 'ask'>,
  asked: Omit<Asked, 'place'>,
): Promise<readonly HistoryPage[]> => {
  const pages: HistoryPage[] = [];
  let place: HistoryPlace | undefined;
  do {
    const page = await ask({ ...asked, place });
    pages.push(page);
    place = page.next;
  } while (place !== undefined);
  return pages;
};

const idsOf = (entries: readonly { readonly id: string }[]): readonly string[] =>
  entries.map(({ id }) => id).toSorted();

describe('the history of a subject', () => {
  it('over the years is all that is within a time, each once, newest first, page by page', async () => {
    const bounds = fc.integer({ min: start, max: end });
    await fc.assert(
      fc.asyncProperty(
        times,
        bounds,
        bounds,
        fc.integer({ min: 1, max: 7 }),
        async (all, a, b, limit) => {
          const [from, to] = [Math.min(a, b), Math.max(a, b) + 1];
          const stage = await stageOf(all.map((t) => ({ t })));
          const { facts } = stage;
          const pages = await pagesOf(stage, { from, to, limit });
          const found = pages.flatMap(({ entries }): readonly AuditEntry[] => entries);
          expect(idsOf(found)).toEqual(idsOf(facts.filter(({ t }) => t >= from && t < to)));
          const order = found.map(({ asked }) => asked);
          expect(order).toEqual(order.toSorted().toReversed());
        },
      ),
    );
  });

  it('of a few is one page, however many years are looked at', async () => {
    const { ask } = await stageOf([0, 400, 700].map((days) => ({ t: start + days * day })));
    const { entries, next } = await ask({ from: 0, to: end, limit: 4, place: undefined });
    expect([entries.length, next]).toEqual([3, undefined]);
  });

  it('says of an inquiry what its leaf does, and what is known beside it', async () => {
    const { ask, facts } = await stageOf([{ t: start, isForeign: true }]);
    const { entries } = await ask({ from: 0, to: end, limit: 4, place: undefined });
    expect(entries).toMatchObject([
      {
        id: facts[0]?.id,
        counter: foreign,
        outcome: 'FOUND',
        province: 'تهران',
        operator: 'OpErAtOrOpErAtOr',
        hasCase: true,
        leaf: { shard: 0, index: 0 },
      },
    ]);
  });

  it('is unavailable where a row leads to another leaf, or to none', async () => {
    const stage = await stageOf([{ t: start }, { t: start + 1 }]);
    const [first, second] = stage.rows;
    if (first === undefined || second === undefined) throw new Error('There are no rows.');
    const record = recordLeaf({ v: 1, k: 'config', t: start });
    stage.log.leaves.push(record, utf8('no\nleaf\n'));
    stage.log.publish();
    const [{ offset, length }, ...wrong] = [second.place, first.place];
    const behind = offset + length;
    const places = [
      ...wrong,
      { offset: behind + 2, length: record.length },
      { offset: behind + 2 + record.length + 2, length: 8 },
      { offset: 1_000_000, length: 5 },
    ];
    for (const place of places) {
      await stage.subjects.store.remove(stage.rows);
      await stage.subjects.store.put([{ ...second, place }]);
      const asked = stage.ask({ from: 0, to: end, limit: 4, place: undefined });
      await expect(asked).rejects.toMatchObject({ name: 'index-unavailable' });
    }
  });

  it('of a plate is found by its parts', () => {
    const value = { two: '12', letter: 'ب', three: '345', region: '11' } as const;
    const turned = { region: '11', three: '345', letter: 'ب', two: '12' } as const;
    const [one, other] = [value, turned].map((plate) =>
      subjectTag(
        subjectKey,
        2026,
        taggedSubject(Subject.parse({ type: 'ir-plate', value: plate })),
      ),
    );
    expect(one).toBe(other);
  });
});

describe('what a reader may not see of a subject', () => {
  const made = fc.array(fc.record({ t: times.map(([t = start]) => t), isForeign: fc.boolean() }), {
    maxLength: 30,
    size: 'max',
  });

  it('changes no page, and no place where one goes on', async () => {
    await fc.assert(
      fc.asyncProperty(made, fc.integer({ min: 1, max: 7 }), async (all, limit) => {
        const whole = await stageOf(all);
        const without = await stageOf(all, ({ isForeign = false }) => !isForeign);
        const asked = { from: start, to: end, limit, within: ownOnly };
        expect(await pagesOf(whole, asked)).toEqual(await pagesOf(without, asked));
      }),
    );
  });

  it('ends a page only where there is more of it than one may look at, whatever its limit', async () => {
    // Three in each millisecond, so that the bound falls between two of one.
    const others = Array.from({ length: mostLookedAt + 90 }, (_, n) => ({
      t: start + 100 + Math.floor(n / 3),
      isForeign: true,
    }));
    const stage = await stageOf([{ t: start }, ...others]);
    const asked = { from: start, to: end, within: ownOnly };
    const [one, many] = [
      await pagesOf(stage, { ...asked, limit: 1 }),
      await pagesOf(stage, { ...asked, limit: 100 }),
    ];
    expect(one.map(({ entries, isStopped }) => [entries.length, isStopped])).toEqual([
      [0, true],
      [1, false],
    ]);
    expect(one).toEqual(many);
  });
});
