import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openedIndex } from '#shared/audit/index/opened-index.ts';
import { sha256 } from '#shared/kernel/bytes.ts';
import { InquiryId } from '#shared/kernel/id.ts';
import type { AuditEntry } from '#shared/oversight/entries/audit-entry.ts';
import { type HistoryPlace, subjectHistory } from '#shared/oversight/facts/search-subject.ts';
import { memorySubjectIndex } from '#shared/oversight/feeding/memory-subject-index.ts';
import { subjectTag, taggedSubject } from '#shared/oversight/tags.ts';
import { Subject } from '#shared/persian/subject.ts';
import { factsOf, indexOf } from '../../audit/index/sample-facts.ts';

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

const stageOf = async (all: readonly number[]) => {
  const facts = all.toSorted((a, b) => a - b).map((t, index) => factsOf({ index, t }));
  const { source } = indexOf(facts, Math.max(1, facts.length));
  const subjects = memorySubjectIndex();
  await subjects.store.put(
    facts.map(({ t, shard, index, id }) => ({
      t,
      shard,
      index,
      id: InquiryId.parse(id),
      tag: subjectTag(subjectKey, new Date(t).getUTCFullYear(), taggedSubject(subject)),
    })),
  );
  const index = openedIndex(source, { segments: 4, summaries: 2 }, () => start);
  const history = subjectHistory({ index, subjects: subjects.store, subjectKey });
  const edge = { until: end, reaches: [{ shard: 0, size: facts.length }] };
  return { facts, ask: (asked: Asked) => history(edge, { subject, within, ...asked }) };
};

type Asked = {
  readonly from: number;
  readonly to: number;
  readonly limit: number;
  readonly place: HistoryPlace | undefined;
};
const within = [{ kind: 'all' }] as const;

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
          const { facts, ask } = await stageOf(all);
          const found: AuditEntry[] = [];
          let place: HistoryPlace | undefined;
          do {
            const page = await ask({ from, to, limit, place });
            found.push(...page.entries);
            place = page.next;
          } while (place !== undefined);
          expect(idsOf(found)).toEqual(idsOf(facts.filter(({ t }) => t >= from && t < to)));
          const order = found.map(({ asked }) => asked);
          expect(order).toEqual(order.toSorted().toReversed());
        },
      ),
    );
  });

  it('of a few is one page, however many years are looked at', async () => {
    const { ask } = await stageOf([start, start + 400 * day, start + 700 * day]);
    const { entries, next } = await ask({ from: 0, to: end, limit: 4, place: undefined });
    expect([entries.length, next]).toEqual([3, undefined]);
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
