import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Problem } from '#shared/kernel/problem.ts';
import { longestCursor } from '#shared/oversight/cursor.ts';
import { parseAuditQuery } from '#shared/oversight/entries/audit-query.ts';

const from = '2027-01-15T08:00:00Z';
const to = '2027-01-15T09:00:00Z';
const range = { from, to } as const;

const id = '019b76da-a800-7000-8000-000000000000';

const detailOf = (parameters: Readonly<Record<string, string | undefined>>): string => {
  try {
    parseAuditQuery(parameters);
    return 'It was accepted.';
  } catch (error) {
    return error instanceof Problem && error.name === 'invalid-query' ? error.detail : 'a bug';
  }
};

describe('parseAuditQuery', () => {
  it('needs a range, and lists a hundred entries at a time', () => {
    expect(parseAuditQuery(range)).toEqual({
      from: Date.parse(from),
      to: Date.parse(to),
      limit: 100,
    });
  });

  it('takes every filter', () => {
    expect(
      parseAuditQuery({
        from: '2027-01-15T11:30:00.500+03:30',
        to: '2027-01-15T12:00:00+03:30',
        counter: 'counter:72110345',
        agency: 'agency:civil-registry',
        service: 'civil-registry/identity@1',
        by: 'guild:counters',
        province: 'تهران',
        purpose: 'pension-enrolment',
        basis: 'civil-code-1.12',
        station: 'till-3',
        presence: 'proxy',
        effect: 'deny',
        rule: 'quota-day',
        outcome: 'NO_MATCH',
        operator: 'A-b_0123456789xy',
        hasCase: 'false',
        order: 'newest',
        include: 'record',
        format: 'csv',
        cursor: 'AQID',
        limit: '100',
      }),
    ).toEqual({
      from: Date.parse('2027-01-15T08:00:00.500Z'),
      to: Date.parse('2027-01-15T08:30:00Z'),
      counter: 'counter:72110345',
      agency: 'agency:civil-registry',
      service: 'civil-registry/identity@1',
      by: 'guild:counters',
      province: 'تهران',
      purpose: 'pension-enrolment',
      basis: 'civil-code-1.12',
      station: 'till-3',
      presence: 'proxy',
      effect: 'deny',
      rule: 'quota-day',
      outcome: 'NO_MATCH',
      operator: 'A-b_0123456789xy',
      hasCase: false,
      order: 'newest',
      include: 'record',
      format: 'csv',
      cursor: 'AQID',
      limit: 100,
    });
  });

  it('takes a service without its version', () => {
    const service = 'civil-registry/identity';
    expect(parseAuditQuery({ ...range, service }).service).toBe(service);
  });

  it('takes one id for the millisecond that it names, unless a range is given', () => {
    const at = Date.parse('2026-01-01T00:00:00Z');
    expect(parseAuditQuery({ id })).toEqual({ id, from: at, to: at + 1, limit: 100 });
    expect(parseAuditQuery({ id, ...range })).toMatchObject({ id, to: Date.parse(to) });
    expect(detailOf({ id, from })).toMatch(/: to\.$/);
  });

  it('reads a province as it is typed: the letters of any keyboard', () => {
    expect(parseAuditQuery({ ...range, province: ' \u0643رمان\u200F' }).province).toBe('کرمان');
  });

  it('refuses a cursor beside an id', () => {
    expect(detailOf({ ...range, id, cursor: 'AQID' })).toBe('One inquiry has no further page.');
  });

  it.each([
    ['from', undefined],
    ['to', undefined],
    ['from', ''],
    ['from', '2027-01-15'],
    ['from', '2027-01-15T08:00:00'],
    ['from', '2027-02-30T08:00:00Z'],
    ['from', '1800000000000'],
    // A plus sign that was not encoded arrives as a space.
    ['from', '2027-01-15T11:30:00 03:30'],
    ['to', 'now'],
    ['counter', '72110345'],
    ['counter', 'agency:civil-registry'],
    ['agency', 'counter:72110345'],
    ['agency', 'agency:*'],
    ['service', 'identity'],
    ['service', 'civil-registry/identity@'],
    ['service', 'civil-registry/identity@1/x'],
    ['service', '../identity'],
    ['id', ''],
    ['id', id.toUpperCase()],
    ['id', `${id}#i`],
    ['id', 'ffffffff-ffff-7fff-bfff-ffffffffffff'],
    ['by', 'counter:72110345'],
    ['by', 'auditor:inspection'],
    ['by', 'guild'],
    ['province', ''],
    ['province', ' '],
    ['province', 'ته\u0000ران'],
    ['province', 'ا'.repeat(61)],
    ['purpose', 'Pension'],
    ['purpose', 'case-0499370899'],
    ['basis', 'law 12'],
    ['station', ''],
    ['station', '123456789'],
    ['presence', 'absent'],
    ['effect', 'ALLOW'],
    ['rule', 'quota day'],
    ['outcome', 'match'],
    ['outcome', 'MATCH,FOUND'],
    ['operator', 'operator-7'],
    ['operator', 'A'.repeat(15)],
    ['operator', 'A'.repeat(17)],
    ['operator', 'سارا محمدی ۰۱۲۳۴۵'],
    ['hasCase', 'yes'],
    ['hasCase', ''],
    ['order', 'random'],
    ['include', 'records'],
    ['format', 'xlsx'],
    ['cursor', ''],
    ['cursor', 'A'.repeat(longestCursor + 1)],
    ['from', '1969-12-31T23:59:59Z'],
    ['to', '9999-12-31T23:59:59-14:00'],
    ['from', '0000-01-01T00:00:00+14:00'],
    ['limit', '0'],
    ['limit', '-1'],
    ['limit', '1001'],
    ['limit', '1.5'],
    ['limit', 'all'],
    ['limit', '0x10'],
    ['limit', '1e2'],
    ['limit', ' 5'],
    ['limit', '05'],
    ['limit', '۵'],
    ['limit', '1,2'],
    ['limit', ''],
  ])('refuses the %s %j, names it, and does not repeat what it held', (name, value) => {
    const detail = detailOf({ ...range, [name]: value });
    expect(detail).toBe(`These are missing, unknown or of the wrong form: ${name}.`);
  });

  it('names everything that is wrong, each once', () => {
    expect(detailOf({ from: 'x', limit: 'y' })).toMatch(/: from, to, limit\.$/);
  });

  it('refuses a parameter it does not know without repeating it', () => {
    const detail = detailOf({ ...range, ['0499370899']: '0499370899' });
    expect(detail).toBe('These are missing, unknown or of the wrong form: a parameter.');
  });

  it('refuses a range that is empty, or goes backwards', () => {
    const said = 'The to must be later than from.';
    expect(detailOf({ from, to: from })).toBe(said);
    expect(detailOf({ from: to, to: from })).toBe(said);
    expect(detailOf({ from, to: '2027-01-15T08:00:00.001Z' })).toBe('It was accepted.');
  });

  it('takes a range of any length', () => {
    expect(detailOf({ from: '1970-01-01T00:00:00Z', to: '9999-12-31T23:59:59.999Z' })).toBe(
      'It was accepted.',
    );
  });

  it('shows the texts of a hundred leaves at a time', () => {
    const include = 'record';
    const said = 'With include=record the limit is at most 100.';
    expect(detailOf({ ...range, include, limit: '101' })).toBe(said);
    expect(detailOf({ ...range, include, limit: '100' })).toBe('It was accepted.');
    expect(detailOf({ ...range, include })).toBe('It was accepted.');
  });

  it('never fails in another way, and never echoes', () => {
    const names = fc.constantFrom(
      'from',
      'to',
      'counter',
      'service',
      'operator',
      'order',
      'limit',
      'x',
      '__proto__',
    );
    const marked = fc.string().map((text) => `ECHO${text}`);
    fc.assert(
      fc.property(fc.array(fc.tuple(names, marked), { minLength: 1 }), (wrong) => {
        const parameters = Object.fromEntries([...Object.entries(range), ...wrong]);
        const detail = detailOf(parameters);
        expect(detail).toMatch(/^These are missing/);
        expect(detail).not.toContain('ECHO');
      }),
    );
  });
});
