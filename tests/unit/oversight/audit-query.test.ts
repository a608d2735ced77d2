import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bucketOf } from '#shared/audit/address.ts';
import { parseAuditQuery } from '#shared/oversight/audit-query.ts';
import { Problem } from '#shared/kernel/problem.ts';

const from = '2027-01-15T08:00:00Z';
const to = '2027-01-15T09:00:00Z';
const range = { from, to } as const;

const id = '019b76da-a800-7000-8000-000000000000';
const bucket = bucketOf(Date.parse(from));

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
        cursor: `${bucket}.3.${id}`,
        limit: '1000',
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
      cursor: { bucket, slot: 3, after: id },
      limit: 1000,
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
    const cursor = `${bucket}.0.`;
    expect(detailOf({ ...range, id, cursor })).toBe('One inquiry has no further page.');
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
    ['cursor', ''],
    ['cursor', `${bucket}`],
    ['cursor', `${bucket}.0`],
    ['cursor', `${bucket}.0.${id}.0`],
    ['cursor', `${bucket}.0.${id.toUpperCase()}`],
    ['cursor', `${bucket}.0.${id.slice(1)}`],
    ['cursor', `${bucket}.0.#${id.slice(1)}`],
    ['cursor', `-${bucket}.0.`],
    ['cursor', `${bucket}.-1.`],
    ['cursor', `${bucket}.10000.`],
    ['cursor', `1e9.0.`],
    ['limit', '0'],
    ['limit', '-1'],
    ['limit', '1001'],
    ['limit', '1.5'],
    ['limit', 'all'],
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

  it('refuses more than 24 hours', () => {
    expect(detailOf({ from, to: '2027-01-16T08:00:00Z' })).toBe('It was accepted.');
    expect(detailOf({ from, to: '2027-01-16T08:00:00.001Z' })).toBe('At most 24 hours at a time.');
  });

  it('refuses a cursor from outside its range, where it would only cost reads', () => {
    const said = 'The cursor belongs to another from and to.';
    const last = bucketOf(Date.parse(to) - 1);
    for (const outside of [0, bucket - 1, last + 1, 999_999_999_999]) {
      expect(detailOf({ ...range, cursor: `${outside}.0.` })).toBe(said);
    }
    for (const inside of [bucket, last]) {
      expect(detailOf({ ...range, cursor: `${inside}.0.` })).toBe('It was accepted.');
    }
  });

  it('never fails in another way, and never echoes', () => {
    const names = fc.constantFrom(
      'from',
      'to',
      'counter',
      'service',
      'cursor',
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
