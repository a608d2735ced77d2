import { describe, expect, it } from 'vitest';
import { InquiryAnswered } from '#events/inquiry-answered.ts';
import { InquiryAsked } from '#events/inquiry-asked.ts';
import { sequences } from '#shared/audit/completeness/sequences.ts';
import { saidInLeaf, saidInRecords } from '#shared/audit/inquiry-said.ts';
import { leafData, recordLeafData } from '#shared/audit/leaf.ts';
import { tehranDayOf } from '#shared/persian/tehran-day.ts';
import { makeExchange, payloadOf, recordsOf } from '#tests/support/exchange.ts';
import { testNow } from '#tests/support/messages.ts';
import { plainLeaf } from '#tests/support/plain-leaves.ts';
import { dayLength } from '#tests/support/statements.ts';

const dayOf = (t: number): string => tehranDayOf(t).date;

describe('sequences', () => {
  it('are those of the stations of each signer, and of each agency, by day', () => {
    const leaves = [
      { seq: 2 },
      { seq: 1, t: testNow - dayLength, answer: 4 },
      { seq: 3, answer: 5 },
      { seq: 1, station: 'till-2', service: 'police/vehicle@1', answer: 1 },
      { seq: 9, signer: 'guild:all', for: 'counter:1' },
    ].map(plainLeaf);
    const one = (first: number, last = first) => [{ first, last }];
    const days = (...all: readonly (readonly [string, readonly object[]])[]) =>
      all.map(([day, numbers]) => ({ day, numbers }));
    const [before, day] = ['2027-01-14', '2027-01-15'];
    expect(sequences(leaves, dayOf)).toMatchObject({
      unread: 0,
      series: [
        {
          by: 'agency:civil-registry',
          numbers: one(4, 5),
          twice: [],
          days: days([before, one(4)], [day, one(5)]),
        },
        { by: 'agency:police', numbers: one(1), twice: [], days: days([day, one(1)]) },
        {
          by: 'counter:1',
          station: 'till-1',
          numbers: one(1, 3),
          twice: [],
          days: days([before, one(1)], [day, one(2, 3)]),
        },
        {
          by: 'counter:1',
          station: 'till-2',
          numbers: one(1),
          twice: [],
          days: days([day, one(1)]),
        },
        {
          by: 'guild:all',
          station: 'till-1',
          numbers: one(9),
          twice: [],
          days: days([day, one(9)]),
        },
      ],
    });
  });

  it('are read from what an exchange writes', async () => {
    const { submit, request, journal, addressOf } = await makeExchange();
    const text = await request();
    await submit(text);
    const { intent, outcome } = recordsOf(journal, addressOf(text));
    const { series, unread } = sequences([leafData(intent, outcome)], dayOf);
    const answers = series.filter(({ station }) => station === undefined);
    expect(payloadOf(text)).toMatchObject({ inq: { seq: series[1]?.numbers[0]?.first } });
    expect(series.map(({ by }) => by)).toEqual(['agency:civil-registry', 'counter:72110345']);
    expect(answers).toHaveLength(1);
    expect(unread).toBe(0);
  });

  it('are the same by the records of a leaf as by its bytes', () => {
    const leaves = [{}, { signer: 'vendor:rayan', for: 'counter:2', answer: 4 }].map(plainLeaf);
    for (const data of leaves) {
      const [first, second] = Buffer.from(data).toString('utf8').split('\n');
      const asked = InquiryAsked.parse(JSON.parse(first ?? ''));
      const answered = InquiryAnswered.parse(JSON.parse(second ?? ''));
      expect(saidInRecords(asked, answered)).toEqual(saidInLeaf(data));
      expect(saidInRecords({ ...asked, req: 'a.b.c' }, answered)).toBe('unread');
    }
  });

  it('take no number from other leaves, and count inquiries that cannot be read', () => {
    const leaves = [
      recordLeafData('{"k":"late"}'),
      leafData('{"k":"i"}', '{"k":"o"}'),
      leafData('not JSON', ''),
    ];
    expect(sequences(leaves, dayOf)).toEqual({ series: [], unread: 2 });
  });
});
