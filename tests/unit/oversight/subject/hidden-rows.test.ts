import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { InquiryId } from '#shared/kernel/id.ts';
import type { SubjectRow } from '#shared/oversight/feeding/subject-index.ts';
import { rowsAbout } from '#shared/oversight/subject/own-rows.ts';
import { type AccessReading, readAccesses } from '#shared/oversight/subject/read-accesses.ts';
import { findUsage } from '#shared/oversight/subject/usage-response.ts';
import type { ConfidentialBases } from '#shared/registry/confidential-bases.ts';
import { accessOf, grantOf } from '#tests/support/access.ts';
import { sampleEntries, testKeys } from '#tests/support/exchange.ts';
import { withInquiry } from '#tests/support/messages.ts';
import { serviceWith } from '#tests/support/registry.ts';
import { confidentially, mina, onOrder, type PersonStage, setStage } from './person-stage.ts';

const day = 86_400_000;

/** How many are asked, the first of them long ago; each on a basis of its own. */
const many = { all: 12, old: 4 } as const;
const names = Array.from({ length: many.all }, (_, n) => `court.${n}`);

const delaying = (bases: readonly string[]): ConfidentialBases =>
  Object.fromEntries(bases.map((basis) => [basis, { days: 30, class: 'tax-audit' }]));

const listed: { stage?: PersonStage; ids: readonly InquiryId[] } = { ids: [] };

beforeAll(async () => {
  const stage = await setStage({
    settings: { confidentialBases: delaying(names) },
    registry: [
      ...sampleEntries(await testKeys()),
      serviceWith({ bases: names }),
      accessOf({ grants: [grantOf()] }),
    ],
  });
  const ids: InquiryId[] = [];
  for (const [n, basis] of names.entries()) {
    if (n === many.old) stage.clock.advance(40 * day);
    ids.push(await stage.askAbout(mina, { claims: withInquiry({ basis }) }));
    await stage.publish();
  }
  listed.stage = stage;
  listed.ids = ids;
});

/** The same with other rows about persons. */
const withRows = (
  reading: AccessReading,
  change: (rows: readonly SubjectRow[]) => readonly SubjectRow[],
): AccessReading => {
  const list: AccessReading['own']['subjects']['list'] = async (tag, page) => {
    const found = await reading.own.subjects.list(tag, page);
    return { ...found, rows: change(found.rows) };
  };
  return { ...reading, own: { ...reading.own, subjects: { list } } };
};

/** How it reads where inquiries on these bases are hidden, and where they were never asked. */
const hiding = (hidden: readonly string[]) => {
  const { stage, ids } = listed;
  if (stage === undefined) throw new Error('There is no stage.');
  const own = { ...stage.reading.own, bases: delaying(hidden) };
  const reading: AccessReading = { ...stage.reading, own };
  const gone = new Set(ids.filter((_, n) => n >= many.old && hidden.includes(names[n] ?? '')));
  return { reading, without: withRows(reading, (rows) => rows.filter(({ id }) => !gone.has(id))) };
};

/** All that shows of a listing: its pages, and of their cursors that they are there, and how long. */
const pagesOf = async (reading: AccessReading, limit: number) => {
  const pages: object[] = [];
  let cursor: string | undefined;
  do {
    const { next, ...page } = await readAccesses(reading)(mina, { cursor, limit }, 'en');
    pages.push({ ...page, next: next?.length });
    if (pages.length > many.all + 1) throw new Error('The listing does not end.');
    cursor = next;
  } while (cursor !== undefined);
  return pages;
};

const anyHidden = fc.subarray(names);
const usage = { format: 'findUsage', periodStart: 0, periodEnd: Number.POSITIVE_INFINITY } as const;

describe('what persons are not to know yet', () => {
  it('shows in no page and by no cursor: they are those of a person who was not asked about', async () => {
    await fc.assert(
      fc.asyncProperty(anyHidden, fc.integer({ min: 1, max: 13 }), async (hidden, limit) => {
        const { reading, without } = hiding(hidden);
        expect(await pagesOf(reading, limit)).toEqual(await pagesOf(without, limit));
      }),
      { numRuns: 60 },
    );
  });

  it('shows in no answer to a data tracker: it is that of a person who was not asked about', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyHidden,
        fc.integer({ min: 0, max: 13 }),
        fc.integer({ min: 1, max: 13 }),
        async (hidden, offset, limit) => {
          const { reading, without } = hiding(hidden);
          const query = { ...usage, offset, limit };
          const told = await findUsage(reading)(mina, query, 'en');
          expect(told).toEqual(await findUsage(without)(mina, query, 'en'));
        },
      ),
      { numRuns: 60 },
    );
  });
});

/** A person of whom many were asked that are hidden, and as many others as are said. */
const crowded = async () => {
  const stage = await setStage(await confidentially());
  const ids = [await stage.askAbout(mina), await stage.askAbout(mina, onOrder)];
  await stage.publish();
  const { own } = stage.reading;
  const found: SubjectRow[] = [];
  const times = { from: 0, before: stage.clock.now() + 1 };
  for await (const rows of rowsAbout(own)(mina, times)) found.push(...rows);
  const [plain, hidden] = ids.map((id) => found.find((row) => row.id === id));
  return (counts: { readonly hidden: number; readonly plain: number }) => {
    const copies = (row: SubjectRow | undefined, count: number): readonly SubjectRow[] =>
      row === undefined ? [] : Array.from({ length: count }, () => row);
    return withRows(stage.reading, () => [
      ...copies(hidden, counts.hidden),
      ...copies(plain, counts.plain),
    ]);
  };
};

describe('many hidden inquiries', () => {
  it('make no page shorter, and end none', async () => {
    const read = readAccesses((await crowded())({ hidden: 1900, plain: 1 }));
    const { accesses, next } = await read(mina, { cursor: undefined, limit: 1 }, 'en');
    expect([accesses.length, next]).toEqual([1, undefined]);
  });

  it('end a page when they are more than can be read for one', async () => {
    const read = readAccesses((await crowded())({ hidden: 2100, plain: 0 }));
    const { accesses, next } = await read(mina, { cursor: undefined, limit: 50 }, 'en');
    expect([accesses.length, typeof next]).toEqual([0, 'string']);
  });

  it('count towards no limit of a data tracker, which is of what may be known', async () => {
    const told = async (plain: number, hidden: number) =>
      findUsage((await crowded())({ hidden, plain }))(
        mina,
        { ...usage, offset: 0, limit: 1 },
        'en',
      );
    expect(await told(1000, 0)).toMatchObject({ totalUsages: 1000 });
    expect(await told(1000, 900)).toMatchObject({ totalUsages: 1000 });
    await expect(told(1001, 0)).rejects.toMatchObject({ name: 'invalid-query' });
    await expect(told(0, 5100)).rejects.toMatchObject({ name: 'invalid-query' });
  });
});
