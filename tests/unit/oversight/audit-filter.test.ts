import { expect, it } from 'vitest';
import { filterOf } from '#shared/oversight/audit-filter.ts';
import { parseAuditQuery } from '#shared/oversight/audit-query.ts';

const range = { from: '2027-01-15T10:30:00+03:30', to: '2027-01-15T08:00:00Z' };
const times = { from: '2027-01-15T07:00:00.000Z', to: '2027-01-15T08:00:00.000Z' };

it('is put on record with its times in UTC, and with the limit that held', () => {
  expect(filterOf(parseAuditQuery(range))).toEqual({ ...times, limit: 100 });
  const named = { counter: 'counter:72110345', outcome: 'FOUND', service: 'police/vehicle' };
  const query = parseAuditQuery({ ...range, ...named, limit: '7' });
  expect(filterOf(query)).toEqual({ ...times, ...named, limit: 7 });
});

it('is the same on every page: no cursor stands in it', () => {
  const cursor = `${Date.parse(times.from) / 10_000}.3.`;
  const page = filterOf(parseAuditQuery({ ...range, cursor }));
  expect(page).toEqual(filterOf(parseAuditQuery(range)));
});
