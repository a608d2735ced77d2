import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accessDisputedExample } from '#events/access-disputed.ts';
import { censusTakenExample } from '#events/census-taken.ts';
import { logReadExample } from '#events/log-read.ts';
import { subjectErasedExample } from '#events/subject-erased.ts';
import { type Belonging, belonging, selecting } from '#shared/audit/export/belonging.ts';
import { ExportFilter, type ExportScope } from '#shared/audit/export/export-filter.ts';
import { viewOf } from '#shared/audit/export/view.ts';
import { leafData } from '#shared/audit/leaf.ts';
import type { JsonObject } from '#shared/kernel/strict-json.ts';
import {
  configLeaf,
  keyLeaf,
  lateLeaf,
  recordLeaf,
  registryLeaf,
} from '#tests/support/log-leaves.ts';
import { testNow } from '#tests/support/messages.ts';
import { type PlainInquiry, plainLeaf } from '#tests/support/plain-leaves.ts';
import { stated, statementLeaf } from '#tests/support/statements.ts';
import { changeLeaf } from '../../verify/sample-commands.ts';
import { cast } from '../../verify/sample-log.ts';

const iso = (t: number): string => new Date(t).toISOString();

const of = (
  filter: ExportFilter,
  leaf: Uint8Array,
  scope?: readonly ExportScope[],
  province?: string,
): Belonging => belonging({ filter: ExportFilter.parse(filter), scope }, viewOf(leaf), province);

const inquiry = (parts: PlainInquiry = {}) => plainLeaf(parts);
const ownStatement = await statementLeaf(stated('2027-01-14'), { key: cast.counter, now: testNow });
const ofAgency = await statementLeaf(stated('2027-01-14', cast.agency.owner), {
  key: cast.agency,
  now: testNow,
});

describe('inquiries in a filtered export', () => {
  it.each<readonly [string, ExportFilter, Belonging]>([
    ['no member', {}, 'row'],
    ['its counter', { counter: 'counter:1' }, 'row'],
    ['one of several counters', { counter: ['counter:1', 'counter:2'] }, 'row'],
    ['another counter', { counter: 'counter:2' }, 'none'],
    ['its agency', { agency: 'agency:civil-registry' }, 'row'],
    ['its service', { service: 'civil-registry/identity@1' }, 'row'],
    ['its service in any version', { service: 'civil-registry/identity' }, 'row'],
    ['its service in another version', { service: 'civil-registry/identity@2' }, 'none'],
    ['the beginning of its service', { service: 'civil-registry/id' }, 'none'],
    ['somebody who asked in its place', { by: 'counter:1' }, 'none'],
    ['its rule and outcome', { rule: 'open-service', outcome: 'FOUND', effect: 'allow' }, 'row'],
    ['its rule and another outcome', { rule: 'open-service', outcome: 'DENIED' }, 'none'],
    ['its purpose', { purpose: 'pension-enrolment', station: 'till-1' }, 'row'],
    ['another basis', { basis: 'other' }, 'none'],
    ['another presence', { presence: 'remote' }, 'none'],
    ['a province', { province: 'گیلان' }, 'untold'],
    ['a province, and another counter', { province: 'گیلان', counter: 'counter:2' }, 'none'],
    ['a time up to its own', { to: iso(testNow) }, 'none'],
    ['a time from its own on', { from: iso(testNow), to: iso(testNow + 1) }, 'row'],
    ['a time behind its own', { from: iso(testNow + 1) }, 'none'],
  ])('are those of %s', (_, filter, wanted) => {
    expect(of(filter, inquiry())).toBe(wanted);
  });

  it('are those of a scope, and of one part of it all', () => {
    const agency = 'agency:civil-registry';
    expect(of({}, inquiry(), [{ counter: 'counter:2' }, { agency }])).toBe('row');
    expect(of({}, inquiry(), [{ counter: 'counter:2', agency }])).toBe('none');
    expect(of({}, inquiry(), [{ province: 'گیلان' }])).toBe('untold');
    expect(of({}, inquiry(), [{ province: 'گیلان' }, { agency }])).toBe('row');
    expect(of({ counter: 'counter:1' }, inquiry(), [{ counter: 'counter:2' }])).toBe('none');
  });

  it('are where their province is, once it is known', () => {
    expect(of({ province: 'گیلان' }, inquiry(), undefined, 'گیلان')).toBe('row');
    expect(of({ province: 'گیلان' }, inquiry(), undefined, 'یزد')).toBe('none');
    expect(of({}, inquiry(), [{ province: 'یزد' }], 'یزد')).toBe('row');
  });

  it('have a name to be found by: what cannot be read has none', () => {
    const unreadable = leafData('{}', '{}');
    expect([of({}, unreadable), of({ counter: 'counter:1' }, unreadable)]).toEqual([
      'none',
      'none',
    ]);
  });

  it('are found by whom the vendor asked for, and by the vendor', () => {
    const leaf = inquiry({ signer: 'vendor:rayan', for: 'counter:2' });
    expect(of({ counter: 'counter:2', by: 'vendor:rayan' }, leaf)).toBe('row');
    expect(of({ counter: 'vendor:rayan' }, leaf)).toBe('none');
  });
});

describe('records in a filtered export', () => {
  const stamp = { id: censusTakenExample.id, t: testNow };
  const judging = [
    configLeaf(),
    keyLeaf(cast.exchange),
    registryLeaf(cast.counter),
    lateLeaf(censusTakenExample.id, inquiry(), testNow),
    recordLeaf({ ...censusTakenExample, ...stamp }),
  ];
  const others = [
    recordLeaf({ ...logReadExample, ...stamp }),
    recordLeaf({ ...subjectErasedExample, ...stamp }),
    recordLeaf({ ...accessDisputedExample, ...stamp }),
  ];

  it('are those by which its rows are judged, and none that says what others did', () => {
    expect(judging.map((leaf) => of({ counter: 'counter:9' }, leaf))).toEqual(
      judging.map(() => 'row'),
    );
    expect(others.map((leaf) => of({}, leaf))).toEqual(others.map(() => 'none'));
  });

  it('say nothing of what lies outside of a scope', async () => {
    const scope = [{ counter: 'counter:9' }];
    expect(judging.map((leaf) => of({}, leaf, scope))).toEqual([
      'row',
      'row',
      'row',
      'behind',
      'none',
    ]);
    expect(others.map((leaf) => of({}, leaf, scope))).toEqual(others.map(() => 'none'));
    const begin = await changeLeaf(1);
    const kinds = (view: JsonObject): Belonging =>
      belonging({ filter: {}, scope }, view, undefined);
    expect(kinds(viewOf(begin))).toBe('row');
    const changed = (...entries: readonly JsonObject[]) => kinds({ kind: 'registry', entries });
    const key = { kind: 'key', key: 'x' };
    expect(changed(key, { kind: 'participant', key: 'counter:1' })).toBe('row');
    expect(changed(key, { kind: 'participant', key: 'auditor:court' })).toBe('none');
    expect(changed(key, { kind: 'access', key: 'agency:police counter:1' })).toBe('none');
    expect(changed({ kind: 'participant', key: 'counter:1' })).toBe('none');
    expect(kinds({ kind: 'registry' })).toBe('none');
  });

  const counter = cast.counter.owner;
  const agency = cast.agency.owner;

  it.each<readonly [string, ExportFilter, readonly ExportScope[] | undefined, Belonging[]]>([
    ['no filter', {}, undefined, ['row', 'row']],
    ['what names nobody', { outcome: 'FOUND' }, undefined, ['row', 'row']],
    ['a counter', { counter }, undefined, ['row', 'none']],
    ['whoever asked', { by: counter }, undefined, ['row', 'none']],
    ['a service', { service: 'civil-registry/identity@1' }, undefined, ['none', 'row']],
    ['both', { counter, agency }, undefined, ['row', 'row']],
    ['both, to the counter', { counter, agency }, [{ counter }], ['row', 'none']],
    ['another counter, to the agency', { counter: 'counter:1' }, [{ agency }], ['none', 'none']],
    ['a counter, to the agency', { counter }, [{ agency }], ['none', 'none']],
    ['both at once', {}, [{ counter, agency }], ['none', 'none']],
    ['a province', {}, [{ province: 'گیلان' }], ['untold', 'none']],
  ])('are the statements of whom it names and who may see them: %s', (_, filter, scope, wanted) => {
    expect([of(filter, ownStatement, scope), of(filter, ofAgency, scope)]).toEqual(wanted);
  });
});

describe('selecting rows', () => {
  const nobody = async () => undefined;

  it('asks for a province only where it decides, as of the time inside the id', async () => {
    const asked: (readonly [string, number])[] = [];
    const provinceOf = async (counter: string, time: number) => {
      asked.push([counter, time]);
      return counter === 'counter:1' ? 'گیلان' : undefined;
    };
    const select = selecting({ filter: { province: 'گیلان', outcome: 'FOUND' } }, provinceOf);
    const leaves = [
      inquiry(),
      inquiry({ outcome: 'DENIED' }),
      inquiry({ signer: 'counter:2', t: testNow + 5 }),
      ownStatement,
    ];
    const rows = await Promise.all(leaves.map((leaf) => select(0, leaf, nobody)));
    expect(rows).toEqual([true, false, false, true]);
    expect(asked).toEqual([
      ['counter:1', testNow],
      ['counter:2', testNow + 5],
    ]);
  });

  it('takes the notice of a late entry where that has a row', async () => {
    const late = lateLeaf(censusTakenExample.id, inquiry(), testNow);
    const select = selecting({ filter: {}, scope: [{ counter: 'counter:1' }] }, nobody);
    const behind = (leaf: Uint8Array) => select(1, late, async () => leaf);
    expect(await behind(inquiry())).toBe(true);
    expect(await behind(inquiry({ signer: 'counter:2' }))).toBe(false);
    expect([await behind(late), await select(1, late, nobody)]).toEqual([false, false]);
  });

  it('gives what verifying takes, whatever the filter', async () => {
    const parts = fc.record({
      signer: fc.constantFrom('counter:1', 'counter:2', 'vendor:rayan'),
      service: fc.constantFrom('civil-registry/identity@1', 'police/vehicle@1'),
      outcome: fc.constantFrom('FOUND', 'DENIED'),
      t: fc.integer({ min: testNow, max: testNow + 9 }),
    });
    const filter = fc.record(
      {
        counter: fc.constantFrom('counter:1', 'counter:2'),
        agency: fc.constantFrom('agency:police', 'agency:civil-registry'),
        outcome: fc.constantFrom('FOUND', 'DENIED'),
        province: fc.constantFrom('گیلان', 'یزد'),
        from: fc.integer({ min: testNow, max: testNow + 9 }).map(iso),
      },
      { requiredKeys: [] },
    );
    const scope = fc.option(
      fc.array(
        fc.constantFrom<ExportScope>(
          { counter: 'counter:1' },
          { agency: 'agency:police' },
          { province: 'یزد' },
        ),
        { minLength: 1, maxLength: 2 },
      ),
      { nil: undefined },
    );
    const homes = new Map([
      ['counter:1', 'گیلان'],
      ['counter:2', 'یزد'],
    ]);
    await fc.assert(
      fc.asyncProperty(parts, filter, scope, async (made, wanted, within) => {
        const leaf = inquiry(made);
        const view = viewOf(leaf);
        const home = homes.get(made.signer);
        const taken = belonging({ filter: wanted, scope: within }, view, undefined);
        const given = await selecting({ filter: wanted, scope: within }, async (counter) =>
          homes.get(counter),
        )(0, leaf, nobody);
        // By the rule itself, spelt out.
        const inTime = wanted.from === undefined || made.t >= Date.parse(wanted.from);
        const meets =
          inTime &&
          [undefined, made.signer].includes(wanted.counter) &&
          [undefined, view['agency']].includes(wanted.agency) &&
          [undefined, made.outcome].includes(wanted.outcome) &&
          [undefined, home ?? ''].includes(wanted.province);
        const seen =
          within === undefined ||
          within.some(
            (one) =>
              one.counter === made.signer ||
              one.agency === view['agency'] ||
              (one.province !== undefined && one.province === home),
          );
        expect(given).toBe(meets && seen);
        expect(taken === 'untold' || (taken === 'row') === given).toBe(true);
      }),
    );
  });
});
