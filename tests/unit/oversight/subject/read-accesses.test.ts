import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Outcome } from '#events/outcome.ts';
import { formatted, objectOf } from '#infra/local/seed/schema.ts';
import { timeOf } from '#shared/kernel/id.ts';
import { parseOwnQuery } from '#shared/oversight/subject/own-query.ts';
import { outcomeWords, roleWords } from '#shared/oversight/subject/plain-words.ts';
import { type AccessPage, readAccesses } from '#shared/oversight/subject/read-accesses.ts';
import type { Tongue } from '#shared/oversight/subject/shown-access.ts';
import type { TaggedSubject } from '#shared/oversight/tags.ts';
import { delegationOf, house, houseOf } from '#tests/support/delegation.ts';
import { sampleEntries, testKeys } from '#tests/support/exchange.ts';
import { makeKey, requestFactsExample, withInquiry } from '#tests/support/messages.ts';
import { keyEntryOf, serviceWith } from '#tests/support/registry.ts';
import { testRetention } from '#tests/support/subject-reading.ts';
import {
  confidentially,
  isoOf,
  mina,
  omid,
  onOrder,
  type PersonStage,
  setStage,
} from './person-stage.ts';

const day = 86_400_000;

const read = (
  { reading }: Pick<PersonStage, 'reading'>,
  person: TaggedSubject,
  { cursor, limit = 20, tongue = 'en' }: { cursor?: string; limit?: number; tongue?: Tongue } = {},
): Promise<AccessPage> => readAccesses(reading)(person, { cursor, limit }, tongue);

/** Every page until there is none. */
const readAll = async (
  stage: Pick<PersonStage, 'reading'>,
  person: TaggedSubject,
  limit: number,
): Promise<readonly AccessPage[]> => {
  const pages: AccessPage[] = [];
  let cursor: string | undefined;
  do {
    const page = await read(stage, person, { limit, ...(cursor !== undefined && { cursor }) });
    pages.push(page);
    if (pages.length > 50) throw new Error('The listing does not end.');
    cursor = page.next;
  } while (cursor !== undefined);
  return pages;
};

const idsOf = ({ accesses }: AccessPage): readonly string[] =>
  accesses.map(({ inquiry }) => inquiry);

const failing = { outcome: 'NOT_FOUND', facts: {} } as const;

describe('who asked about a person', () => {
  it('is told with when, where, by whom, why, and which fields', async () => {
    const stage = await setStage();
    const id = await stage.askAbout(mina);
    await stage.publish();
    const { accesses, coverage, next } = await read(stage, mina);
    expect(accesses).toEqual([
      {
        inquiry: id,
        at: isoOf(id),
        office: { id: 'counter:72110345', title: 'Counter', province: 'تهران', city: 'تهران' },
        agency: { id: 'agency:civil-registry', title: 'Agency' },
        service: { id: 'civil-registry/identity@1', title: 'Identity' },
        purpose: { code: 'pension-enrolment', title: 'Enrolment for a pension' },
        basis: { code: 'civil-code-1.12' },
        role: { code: 'subject', title: 'You were asked about.' },
        presence: { code: 'in-person', title: 'You were there, the office says.' },
        outcome: { code: 'FOUND', title: outcomeWords.FOUND.en },
        disclosed: {
          count: 3,
          among: ['firstName', 'lastName', 'lifeStatus'],
          withheld: ['fatherName'],
        },
      },
    ]);
    expect(next).toBeUndefined();
    expect(Date.parse(coverage?.from ?? '')).toBe(Math.floor(timeOf(id) / 10_000) * 10_000);
    expect(Date.parse(coverage?.to ?? '')).toBeGreaterThanOrEqual(timeOf(id) - 10_000);
  });

  it('is told in Persian to whoever wants that', async () => {
    const stage = await setStage();
    await stage.askAbout(mina);
    await stage.publish();
    const { accesses, coverage } = await read(stage, mina, { tongue: 'fa' });
    expect(accesses).toMatchObject([
      {
        office: { title: 'دفتر پیشخوان' },
        service: { title: 'استعلام هویت' },
        purpose: { title: 'برقراری بازنشستگی' },
        outcome: { title: outcomeWords.FOUND.fa },
      },
    ]);
    expect(coverage?.says).toMatch(/استعلام/);
  });

  it('is told to whom the params name as well, and that it was about another', async () => {
    const input = objectOf({ owner: formatted('ir-national-id') });
    const registry = [
      ...sampleEntries(await testKeys()),
      serviceWith({ ref: 'civil-registry/vehicle@1', input }),
    ];
    const stage = await setStage({ registry });
    const facts = { ...requestFactsExample, subject: { ...mina }, params: { owner: omid.value } };
    const claims = withInquiry({ service: 'civil-registry/vehicle@1' });
    const id = await stage.askAbout(mina, { facts, claims });
    await stage.publish();
    expect((await read(stage, mina)).accesses).toMatchObject([
      { inquiry: id, role: { code: 'subject' } },
    ]);
    expect((await read(stage, omid)).accesses).toMatchObject([
      { inquiry: id, role: { code: 'named', title: roleWords.named.en } },
    ]);
    const [, page] = await readAll(stage, omid, 1);
    expect(page).toBeUndefined();
  });

  it('is told to nobody else, and of nobody else', async () => {
    const stage = await setStage();
    const own = await stage.askAbout(mina);
    const other = await stage.askAbout(omid);
    await stage.publish();
    expect(idsOf(await read(stage, mina))).toEqual([own]);
    expect(idsOf(await read(stage, omid))).toEqual([other]);
    expect(idsOf(await read(stage, { type: 'ir-legal-id', value: mina.value }))).toEqual([]);
    expect(idsOf(await read(stage, { ...mina, value: '1583250689' }))).toEqual([]);
  });

  it('names whoever asked in the place of an office', async () => {
    const key = await makeKey('ES256', house);
    const registry = [
      ...sampleEntries(await testKeys()),
      keyEntryOf(key),
      houseOf(),
      delegationOf({ delegate: house }),
    ];
    const stage = await setStage({ registry });
    await stage.askAbout(mina, { key, claims: withInquiry({ for: 'counter:72110345' }) });
    await stage.publish();
    const { accesses } = await read(stage, mina);
    expect(accesses).toMatchObject([{ office: { id: 'counter:72110345' }, by: { id: house } }]);
  });

  it('is told of those too that got nothing, and says so', async () => {
    const stage = await setStage();
    stage.say(failing);
    await stage.askAbout(mina);
    stage.agencies.play(async () => ({ kind: 'unavailable', reason: 'unreachable' }));
    await stage.askAbout(mina);
    await stage.askAbout(mina, { claims: withInquiry({ purpose: 'employment' }) });
    await stage.publish();
    const { accesses } = await read(stage, mina);
    const nothing = { count: 0, among: [], withheld: [] };
    expect(accesses.map(({ outcome, disclosed }) => [outcome.code, disclosed])).toEqual([
      ['DENIED', nothing],
      ['SOURCE_UNAVAILABLE', nothing],
      ['NOT_FOUND', nothing],
    ]);
    expect(accesses[0]?.purpose).toEqual({ code: 'employment', title: 'Employment' });
  });

  it('is told by their ids and codes where the registry does not know them', async () => {
    const stage = await setStage();
    await stage.askAbout(mina, { claims: withInquiry({ purpose: 'passport-issue' }) });
    await stage.publish();
    const names = { participant: async () => undefined, service: async () => undefined };
    const reading = { ...stage.reading, names };
    expect((await read({ reading }, mina)).accesses).toMatchObject([
      {
        office: { id: 'counter:72110345', title: 'counter:72110345' },
        agency: { title: 'agency:civil-registry' },
        service: { title: 'civil-registry/identity@1' },
        purpose: { code: 'passport-issue' },
        disclosed: { count: 3, among: [], withheld: ['fatherName'] },
      },
    ]);
  });
});

describe('a listing of who asked', () => {
  it('shows each once, newest first, whatever the size of its pages', async () => {
    const stage = await setStage();
    const ids: string[] = [];
    for (let n = 0; n < 9; n += 1) {
      // Three of one millisecond, for pages are cut there as well.
      if (n > 2) ids.push(await stage.askAbout(mina));
      else {
        stage.clock.advance(-1000);
        ids.push(await stage.askAbout(mina));
      }
    }
    await stage.publish();
    const whole = idsOf(await read(stage, mina));
    expect(whole.toSorted()).toEqual(ids.toSorted());
    expect(whole.map((id) => id.slice(0, 13))).toEqual(
      whole
        .map((id) => id.slice(0, 13))
        .toSorted()
        .toReversed(),
    );
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 10 }), async (limit) => {
        const pages = await readAll(stage, mina, limit);
        expect(pages.flatMap(idsOf)).toEqual(whole);
        expect(pages.every((page) => page.accesses.length <= limit)).toBe(true);
      }),
      { numRuns: 10 },
    );
  });

  it('goes on by a cursor that is of this person only, and says nothing', async () => {
    const stage = await setStage();
    for (const person of [mina, mina, omid, omid]) await stage.askAbout(person);
    await stage.publish();
    const { next = '' } = await read(stage, mina, { limit: 1 });
    expect(next).toMatch(/^[\w-]{40,}$/);
    await expect(read(stage, omid, { limit: 1, cursor: next })).rejects.toMatchObject({
      name: 'invalid-query',
    });
    const forged = `${next.slice(0, -1)}${next.endsWith('A') ? 'E' : 'A'}`;
    await expect(read(stage, mina, { cursor: forged })).rejects.toMatchObject({
      name: 'invalid-query',
    });
    expect((await read(stage, mina, { limit: 1, cursor: next })).accesses).toHaveLength(1);
  });

  it('goes on over the turn of a year, whose pseudonyms are others', async () => {
    const stage = await setStage();
    const before = await stage.askAbout(mina);
    await stage.publish();
    stage.clock.advance(360 * day);
    const after = await stage.askAbout(mina);
    await stage.publish();
    expect(new Date(timeOf(after)).getUTCFullYear()).toBe(2028);
    expect(idsOf(await read(stage, mina))).toEqual([after, before]);
    expect((await readAll(stage, mina, 1)).flatMap(idsOf)).toEqual([after, before]);
  });

  it('covers no more than is kept, and shows what is known beyond it', async () => {
    const stage = await setStage();
    const id = await stage.askAbout(mina);
    await stage.publish();
    stage.clock.advance(testRetention + 5 * day);
    const { accesses, coverage } = await read(stage, mina);
    // Held, or not taken away yet.
    expect(accesses).toMatchObject([{ inquiry: id }]);
    expect(coverage).toBeUndefined();
  });

  it('is empty, and covers nothing, before there is a log', async () => {
    const stage = await setStage();
    await stage.askAbout(mina);
    expect(await read(stage, mina)).toEqual({ accesses: [] });
  });

  it('covers nothing while the index of persons knows nothing of the log', async () => {
    const stage = await setStage();
    await stage.askAbout(mina);
    await stage.log.sequence();
    expect(await read(stage, mina)).toEqual({ accesses: [] });
  });

  it('is unavailable where the index names the inquiry of somebody else', async () => {
    const stage = await setStage();
    await stage.askAbout(mina);
    await stage.askAbout(omid);
    await stage.publish();
    const rows = stage.fed.subjects.dump();
    const nowhere = { offset: 1_000_000, length: 10 };
    for (const placeOf of [(n: number) => rows[rows.length - 1 - n]?.place, () => nowhere]) {
      await stage.fed.subjects.store.remove(rows);
      await stage.fed.subjects.store.put(
        rows.map((row, n) => ({ ...row, place: placeOf(n) ?? nowhere })),
      );
      await expect(read(stage, mina)).rejects.toMatchObject({ name: 'index-unavailable' });
    }
  });

  it.each(['not-persisted', 'unacknowledged'] as const)(
    'is unavailable while the index of persons is (%s)',
    async (fault) => {
      const stage = await setStage();
      await stage.askAbout(mina);
      await stage.publish();
      stage.fed.subjects.faults.breakCall('list', fault);
      await expect(read(stage, mina)).rejects.toMatchObject({ name: 'store-unavailable' });
      expect((await read(stage, mina)).accesses).toHaveLength(1);
    },
  );
});

describe('an inquiry on a basis of which persons learn later', () => {
  it('is not shown until its time is over, and then says what it was', async () => {
    const stage = await setStage(await confidentially());
    const [plain, hidden] = [await stage.askAbout(mina), await stage.askAbout(mina, onOrder)];
    await stage.publish();
    const before = await read(stage, mina);
    expect(idsOf(before)).toEqual([plain]);
    expect(before.next).toBeUndefined();
    stage.clock.advance(timeOf(hidden) + 30 * day - 1 - stage.clock.now());
    expect(idsOf(await read(stage, mina))).toEqual([plain]);
    stage.clock.advance(1);
    const after = await read(stage, mina);
    expect(idsOf(after)).toEqual([hidden, plain]);
    expect(after.accesses[0]?.delayed).toEqual({ class: 'criminal-investigation' });
    expect(after.accesses[1]?.delayed).toBeUndefined();
  });

  it('is shown at once where it was denied: nobody hides by the mere naming of a basis', async () => {
    const { settings } = await confidentially();
    const open = await setStage(settings === undefined ? {} : { settings });
    const named = await setStage(await confidentially());
    const denied = [
      [open, onOrder],
      [named, { ...onOrder, key: (await testKeys()).otherCounter }],
      [named, { claims: withInquiry({ basis: 'court.7', purpose: 'curiosity' }) }],
    ] as const;
    for (const [stage, asked] of denied) await stage.askAbout(mina, asked);
    for (const stage of [open, named]) await stage.publish();
    const shown = [...(await read(open, mina)).accesses, ...(await read(named, mina)).accesses];
    expect(shown.map(({ outcome }) => outcome.code)).toEqual(['DENIED', 'DENIED', 'DENIED']);
    expect(shown.map(({ basis, delayed }) => [basis.code, delayed])).toEqual(
      shown.map(() => ['court.7', undefined]),
    );
  });

  it('is shown at once where no grant allowed it, when the basis became confidential later', async () => {
    const stage = await setStage();
    const id = await stage.askAbout(mina, onOrder);
    await stage.publish();
    const { settings: { confidentialBases: bases = {} } = {} } = await confidentially();
    const reading = { ...stage.reading, own: { ...stage.reading.own, bases } };
    expect(idsOf(await read({ reading }, mina))).toEqual([id]);
  });

  it('does not show in the size of pages, nor in where they end', async () => {
    const stage = await setStage(await confidentially());
    for (let n = 0; n < 6; n += 1) await stage.askAbout(mina, n % 2 === 0 ? onOrder : {});
    await stage.publish();
    const pages = await readAll(stage, mina, 1);
    expect(pages.map(({ accesses }) => accesses.length)).toEqual([1, 1, 1]);
  });

  it('may be missing, and the coverage says so', async () => {
    const stage = await setStage(await confidentially());
    const plain = await setStage();
    for (const one of [stage, plain]) {
      await one.askAbout(mina);
      await one.publish();
    }
    expect((await read(stage, mina)).coverage?.says).toMatch(/some legal bases/);
    const said = (await read(plain, mina)).coverage?.says;
    expect(said).not.toMatch(/some legal bases/);
    // Of some it is not known whom they were about: nothing says that these are all.
    expect(said).toMatch(/^Inquiries of this time that are known to be about you/);
  });
});

describe('what came of an inquiry, in plain words', () => {
  const untold = ['DENIED', 'SOURCE_UNAVAILABLE', 'TIMEOUT', 'INVALID_ANSWER', 'ABORTED'] as const;

  it('is said of every outcome, each in its own words', () => {
    expect(Object.keys(outcomeWords).toSorted()).toEqual(Outcome.options.toSorted());
    for (const tongue of ['en', 'fa'] as const) {
      const words = Outcome.options.map((outcome) => outcomeWords[outcome][tongue]);
      expect(new Set(words).size).toBe(words.length);
    }
  });

  it.each(untold)('says of %s that nothing was told, never that there was no match', (outcome) => {
    const { en, fa } = outcomeWords[outcome];
    expect(en).toMatch(/Nothing about you was told\.$/);
    expect(fa).toMatch(/چیزی دربارهٔ شما گفته نشد\.$/);
    expect(en).not.toMatch(/match|record|agree/);
  });

  it('says of the others no such thing', () => {
    const others = Outcome.options.filter((one) => !untold.some((name) => name === one));
    for (const outcome of others) expect(outcomeWords[outcome].en).not.toMatch(/Nothing/);
  });
});

describe('what a person asks', () => {
  it.each([
    [{}, { limit: 20 }],
    [
      { limit: '50', cursor: 'abc' },
      { limit: 50, cursor: 'abc' },
    ],
    [{ format: 'findUsage' }, { limit: 50, offset: 0, periodStart: 0 }],
    [
      { format: 'findUsage', periodStart: '2027-01-01T00:00:00Z', offset: '5' },
      { offset: 5, periodStart: Date.UTC(2027, 0, 1) },
    ],
  ])('is read: %o', (parameters, expected) => {
    expect(parseOwnQuery(parameters)).toMatchObject(expected);
  });

  it.each([
    [{ limit: '51' }, 'limit'],
    [{ limit: '0' }, 'limit'],
    [{ limit: '0x10' }, 'limit'],
    [{ limit: '1e1' }, 'limit'],
    [{ format: 'findUsage', offset: ' 5' }, 'offset'],
    [{ format: 'findUsage', periodEnd: '9999-12-31T23:59:59-14:00' }, 'periodEnd'],
    [{ format: 'csv' }, 'format'],
    [{ format: 'findUsage', cursor: 'x' }, 'a parameter'],
    [{ format: 'findUsage', offset: '-1' }, 'offset'],
    [{ format: 'findUsage', periodEnd: 'yesterday' }, 'periodEnd'],
    [{ userCode: '0499370899' }, 'a parameter'],
    [{ format: 'findUsage', userCode: '0499370899' }, 'a parameter'],
    [{ '0499370899': 'x' }, 'a parameter'],
  ])('is refused by the name of what is wrong: %o', (parameters, name) => {
    expect(() => parseOwnQuery(parameters)).toThrow(
      `invalid-query: These are unknown or of the wrong form: ${name}.`,
    );
  });
});
