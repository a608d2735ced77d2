import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Gap } from '#shared/audit/completeness/gaps.ts';
import { readLeaf } from '#shared/client/verify/read-leaf.ts';
import { configLeaf, lateLeaf, recordLeaf } from '#tests/support/log-leaves.ts';
import { inquiryIdAt, testNow } from '#tests/support/messages.ts';
import { stated, statementLeaf } from '#tests/support/statements.ts';
import {
  begun,
  censusLeaf,
  complete,
  firstDay,
  items,
  lastDay,
  leavesOf,
  secondDay,
  usedOn,
} from './sample-complete.ts';
import { exportOf, partOf, verifyExport } from './sample-export.ts';
import {
  cast,
  failuresOf,
  faultsOf,
  inquiryAt,
  logOf,
  otherNotes,
  resultOf,
  verifyLeaves,
} from './sample-log.ts';

const hour = 3_600_000;
const counter = cast.counter.owner;
const agency = cast.agency.owner;
const end = items.at(-1)?.t ?? 0;

const without = (...names: readonly string[]) =>
  leavesOf(items.filter(({ name }) => !names.includes(name)));

const gapsIn = async (leaves: readonly Uint8Array[]): Promise<readonly Gap[]> =>
  (await verifyLeaves(leaves)).completeness?.gaps ?? [];

describe('the completeness of a log', () => {
  it('is shown by the numbers of those who ask and who answer, and what they state', async () => {
    const report = await verifyLeaves(complete, { complete: true });
    expect([failuresOf(report), report.findings, otherNotes(report)]).toEqual([[], [], []]);
    expect(resultOf(report, 'completeness')).toBe('passed');
    expect(report.completeness).toEqual({ series: 5, statements: 16, counts: [], gaps: [] });
  });

  it('is not shown where an inquiry was kept out that was stated', async () => {
    // The third inquiry of the first counter is the second of its first till, on the first day.
    const report = await verifyLeaves(without('A3'));
    const dropped = { kind: 'unlogged', day: firstDay, n: 1 } as const;
    expect(report.completeness?.gaps).toEqual([
      { ...dropped, by: agency, first: 3, last: 3 },
      { ...dropped, by: counter, station: 'till-1', first: 2, last: 2 },
    ]);
    expect(report.completeness?.counts).toEqual([
      { kind: 'unlogged', gaps: 2, numbers: 2, open: 0 },
    ]);
    expect([failuresOf(report), resultOf(report, 'completeness')]).toEqual([[], 'noted']);
  });

  it('fails when it was asked for, and only then', async () => {
    const report = await verifyLeaves(without('A3'), { complete: true });
    expect([failuresOf(report), resultOf(report, 'completeness')]).toEqual([['gap'], 'failed']);
  });

  it('names every inquiry that was kept out, whichever it is', async () => {
    // The first and the last numbers are stated too, so the edges show as the midst does.
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...items), async ({ name }) => {
        const gaps = await gapsIn(without(name));
        const kinds = new Set(gaps.map(({ kind }) => kind));
        const wanted = name.startsWith('statement') ? 'no-statement' : 'unlogged';
        // The last day need not be stated yet when its log ends.
        const isDue = !name.endsWith(lastDay);
        expect([...kinds]).toEqual(name.startsWith('statement') && !isDue ? [] : [wanted]);
      }),
      { numRuns: 20 },
    );
  });

  it('asks for numbers between others where nothing was stated', async () => {
    const unstated = items.filter(({ name }) => !name.startsWith('statement') && name !== 'A3');
    const gaps = (await gapsIn(leavesOf(unstated))).filter(({ kind }) => kind === 'missing');
    expect(gaps).toEqual([
      { kind: 'missing', by: agency, first: 3, last: 3, n: 1 },
      { kind: 'missing', by: counter, station: 'till-1', first: 2, last: 2, n: 1 },
    ]);
  });

  it('leaves open what a late entry may still fill', async () => {
    const unstated = items.filter(({ name }) => !name.startsWith('statement'));
    const gaps = await gapsIn(leavesOf(unstated.filter(({ name }) => name !== 'A34')));
    expect(gaps.filter(({ kind }) => kind === 'missing')).toMatchObject([
      { by: agency, first: 34, open: true },
      { by: counter, station: 'till-2', first: 17, open: true },
    ]);
    const late = items.find(({ name }) => name === 'A34');
    if (late === undefined) throw new Error('There is such an inquiry.');
    const { leaf } = readLeaf(late.data);
    const id = leaf?.kind === 'inquiry' ? leaf.id : '';
    const filled = [
      ...leavesOf(unstated.filter(({ name }) => name !== 'A34')),
      late.data,
      lateLeaf(id, late.data, end),
    ];
    const report = await verifyLeaves(filled);
    expect(failuresOf(report)).toEqual([]);
    expect(report.completeness?.gaps.filter(({ kind }) => kind === 'missing')).toEqual([]);
  });

  it('counts only days that are over for open statements, and fails for none of them', async () => {
    const early = items.filter(({ t }) => t < testNow + 20 * hour);
    const report = await verifyLeaves(leavesOf(early), { complete: true });
    expect(failuresOf(report)).toEqual([]);
    expect(report.completeness?.gaps.filter(({ kind }) => kind === 'no-statement')).toEqual([]);
  });

  it('is noted where numbers were used twice, or nobody stated them', async () => {
    const twice = items.find(({ name }) => name === 'A5');
    const again = await inquiryAt(70 * hour);
    const gaps = await gapsIn([
      ...leavesOf(items.filter(({ t }) => t < testNow + 70 * hour)),
      again.data,
    ]);
    expect(twice).toBeDefined();
    // Its number, 1842, is at a station that never asked; the agency had used its first.
    expect(gaps.map(({ kind, by }) => `${kind} ${by}`)).toEqual(
      expect.arrayContaining([`twice ${agency}`]),
    );
  });
});

describe('statements in a log', () => {
  const now = end + hour;
  const behind = async (...more: readonly Promise<Uint8Array>[]) => [
    ...complete,
    ...(await Promise.all(more)),
  ];
  const own = usedOn(cast.counter, secondDay);

  it('are of those who signed them', async () => {
    const forged = statementLeaf(own, {
      key: cast.counter,
      now,
      signature: (signature) => signature.with(9, (signature[9] ?? 0) ^ 1),
    });
    const report = await verifyLeaves(await behind(forged));
    expect(failuresOf(report)).toEqual(['message']);
    expect(faultsOf(report)).toEqual([`statement-signature-invalid@${complete.length}`]);
    expect(report.completeness?.gaps).toEqual([]);
  });

  it('of another key than on record show nothing', async () => {
    const report = await verifyLeaves(
      await behind(
        statementLeaf(own, { key: { ...cast.counter, signer: cast.exchange.signer }, now }),
      ),
    );
    expect(failuresOf(report)).toEqual(['message']);
  });

  it('of one day are one: another that differs is named', async () => {
    const [first, ...rest] = own.asked;
    if (first === undefined) throw new Error('It asked at a station.');
    const other = { ...own, asked: rest };
    const report = await verifyLeaves(
      await behind(statementLeaf(other, { key: cast.counter, now })),
      { complete: true },
    );
    expect(report.completeness?.gaps).toEqual([
      { kind: 'two-statements', by: counter, day: secondDay },
    ]);
    expect(failuresOf(report)).toEqual(['gap']);
  });

  it('signed anew are the same, and may be finished under an id of the day before', async () => {
    const leaf = await statementLeaf(own, { key: cast.counter, now: now + 10 * hour });
    const event: unknown = JSON.parse(Buffer.from(leaf).toString('utf8'));
    if (typeof event !== 'object' || event === null) throw new Error('A leaf is an object.');
    const finished = recordLeaf({ ...event, id: inquiryIdAt(now), t: now });
    const report = await verifyLeaves([...complete, finished]);
    expect([failuresOf(report), report.completeness?.gaps]).toEqual([[], []]);
  });

  it.each([
    ['a day that is not over', stated('2027-02-01'), 'statement-day-open'],
    ['no day', { ...stated('2027-02-30') }, 'statement-invalid-claims'],
    [
      'answers of a counter',
      { ...own, answered: { first: 1, last: 1, n: 1 } },
      'statement-of-others',
    ],
  ] as const)('are of what they may be of: not of %s', async (_, stm, fault) => {
    const report = await verifyLeaves(await behind(statementLeaf(stm, { key: cast.counter, now })));
    expect(faultsOf(report)).toEqual([`${fault}@${complete.length}`]);
  });

  it('are for this exchange', async () => {
    const origin = 'https://other.example';
    const report = await verifyLeaves(
      await behind(statementLeaf(own, { key: cast.counter, now, origin })),
    );
    expect(faultsOf(report)).toEqual([`wrong-audience@${complete.length}`]);
  });

  it('count for nothing where signatures are not verified', async () => {
    const report = await verifyLeaves(without('A3'), { depth: 'form' });
    expect(report.completeness?.statements).toBe(0);
    expect(report.completeness?.gaps.map(({ kind }) => kind)).toEqual(['missing', 'missing']);
  });
});

describe('censuses in a log', () => {
  const to = complete.length;
  const made = { from: 0, to, t: end };

  it('are taken again', async () => {
    const report = await verifyLeaves([...complete, censusLeaf(complete, made)]);
    expect(failuresOf(report)).toEqual([]);
    expect(report.checks.find(({ check }) => check === 'censuses')?.detail).toBe(
      '7 censuses taken again, each as it says',
    );
  });

  it.each([
    ['another number', { n: 1 }, 'census-differs'],
    ['another root', { root: 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs' }, 'census-differs'],
    ['other counts', { counts: '{"agencies":1}' }, 'census-differs'],
    ['leaves that stand behind it', { to: to + 1 }, 'census-ahead'],
    ['another log', { shard: 1 }, 'census-of-another'],
  ] as const)('are not what they say with %s', async (_, change, fault) => {
    const report = await verifyLeaves([...complete, censusLeaf(complete, made, change)]);
    expect([failuresOf(report), faultsOf(report)]).toEqual([['census'], [`${fault}@${to}`]]);
    expect(resultOf(report, 'censuses')).toBe('failed');
  });

  it('are not what they say of an inquiry less, or one more', async () => {
    // The first of the other counter: the stretch then holds one more of the first counter's.
    const report = await verifyLeaves(complete.toSpliced(begun.length + 1, 1));
    expect(failuresOf(report)).toContain('census');
  });

  it('may be there twice, of one stretch', async () => {
    const two = [...complete, censusLeaf(complete, made), censusLeaf(complete, made)];
    expect(failuresOf(await verifyLeaves(two))).toEqual([]);
  });

  it('that count what was not read are told to be unchecked', async () => {
    const log = await logOf(complete);
    const report = await verifyExport(await exportOf([partOf(log, { from: 20 })]));
    expect(failuresOf(report)).toEqual([]);
    expect(resultOf(report, 'censuses outside')).toBe('skipped');
    expect(resultOf(report, 'censuses')).toBe('passed');
  });
});

describe('the completeness of a range', () => {
  it('accuses nobody at its edges', async () => {
    const log = await logOf(complete);
    const bounds = fc.tuple(fc.nat({ max: log.size - 1 }), fc.nat({ max: log.size - 1 }));
    await fc.assert(
      fc.asyncProperty(bounds, async ([a, b]) => {
        const range = { from: Math.min(a, b), to: Math.max(a, b) + 1 };
        const report = await verifyExport(await exportOf([partOf(log, range)]), { complete: true });
        expect(failuresOf(report)).toEqual([]);
      }),
      { numRuns: 20 },
    );
  });

  it('asks for no statement that is there, and whose key is on record elsewhere', async () => {
    const log = await logOf([...begun, configLeaf(), ...items.map(({ data }) => data)]);
    const range = partOf(log, { from: begun.length });
    const report = await verifyExport(await exportOf([range]), { complete: true });
    expect(failuresOf(report)).toEqual([]);
    expect(report.completeness).toMatchObject({ series: 5, statements: 0, gaps: [] });
  });

  it('names what is missing in its midst, and leaves it open where the settings are not there', async () => {
    const log = await logOf(without('A5'));
    const begins = await verifyExport(await exportOf([partOf(log, { to: 60 })]), {
      complete: true,
    });
    expect(failuresOf(begins)).toEqual(['gap']);
    const part = await verifyExport(await exportOf([partOf(log, { from: 6, to: 60 })]), {
      complete: true,
    });
    expect(failuresOf(part)).toEqual([]);
    expect(part.completeness?.gaps.map(({ kind, open }) => [kind, open])).toEqual([
      ['missing', true],
      ['missing', true],
    ]);
  });
});
