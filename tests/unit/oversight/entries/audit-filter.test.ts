import { expect, it } from 'vitest';
import { cursorQuery, filterOf } from '#shared/oversight/entries/audit-filter.ts';
import { parseAuditQuery } from '#shared/oversight/entries/audit-query.ts';

const range = { from: '2027-01-15T10:30:00+03:30', to: '2027-01-15T08:00:00Z' };
const times = { from: '2027-01-15T07:00:00.000Z', to: '2027-01-15T08:00:00.000Z' };

it('is put on record with its times in UTC, and with the limit that held', () => {
  expect(filterOf(parseAuditQuery(range))).toEqual({ ...times, limit: 100 });
  const named = { counter: 'counter:72110345', outcome: 'FOUND', service: 'police/vehicle' };
  const query = parseAuditQuery({ ...range, ...named, limit: '7' });
  expect(filterOf(query)).toEqual({ ...times, ...named, limit: 7 });
});

it('is the same on every page and in every format: no cursor stands in it', () => {
  const asked = filterOf(parseAuditQuery(range));
  expect(filterOf(parseAuditQuery({ ...range, cursor: 'AQID' }))).toEqual(asked);
  expect(filterOf(parseAuditQuery({ ...range, format: 'csv' }))).toEqual(asked);
});

it('says what is shown more, and whom it is about only as a pseudonym', () => {
  const more = { include: 'record', order: 'newest', operator: 'A'.repeat(16), hasCase: 'true' };
  expect(filterOf(parseAuditQuery({ ...range, ...more }))).toEqual({
    ...times,
    ...more,
    hasCase: true,
    limit: 100,
  });
});

it('binds cursors to all of it but the size of the pages', () => {
  const query = (more: Readonly<Record<string, string>>) =>
    cursorQuery(parseAuditQuery({ ...range, ...more }));
  expect(query({ limit: '7' })).toEqual(query({ limit: '8', cursor: 'AQID' }));
  expect(query({ outcome: 'FOUND' })).not.toEqual(query({}));
});
