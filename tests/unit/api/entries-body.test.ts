import { describe, expect, it } from 'vitest';
import { entriesBody } from '#shared/api/entries-body.ts';
import { cellText } from '#shared/kernel/csv.ts';
import type { AuditEntry } from '#shared/oversight/entries/audit-entry.ts';

const entry: AuditEntry = {
  id: '019b76da-a800-7000-8000-000000000000',
  asked: '2027-01-15T08:00:00.000Z',
  counter: 'counter:72110345',
  province: 'چهارمحال و بختیاری',
  agency: 'agency:post',
  service: 'post/postal-address@1',
  purpose: 'passport-issue',
  basis: 'civil-code-1.12',
  station: '0012',
  presence: 'in-person',
  seq: 1842,
  effect: 'allow',
  rule: 'open-service',
  outcome: 'FOUND',
  ms: 37,
  operator: '-4dCAbcdefghijkl',
  hasCase: false,
  leaf: { shard: 0, index: 4097 },
  i: '{"k":"i","t":1}',
  o: '{"k":"o"}',
};
const page = { entries: [entry], next: 'AQID', indexed: '2027-01-15T09:00:00.000Z' };

type Asked = Parameters<typeof entriesBody>[1];

const written = (asked: Asked, accept = '*/*', language: 'en' | 'fa' = 'en') => {
  const { body, headers } = entriesBody(page, asked, { accept, language });
  const text = 'bytes' in body ? Buffer.from(body.bytes).toString('utf8') : '';
  return { body, headers, rows: text.slice(1).split('\r\n') };
};

describe('a page of entries', () => {
  it('is a document with where it goes on and how far the index goes', () => {
    expect(written({}).body).toEqual({ type: 'application/json', json: page });
  });

  it('is a line an entry where NDJSON is wanted', () => {
    expect(written({}, 'application/x-ndjson').body).toEqual({
      type: 'application/x-ndjson',
      lines: [entry],
    });
  });

  it.each([
    [{ format: 'csv' }, '*/*', 'text/csv; charset=utf-8'],
    [{}, 'text/csv', 'text/csv; charset=utf-8'],
    [{ format: 'json' }, 'text/csv', 'application/json'],
    [{ format: 'ndjson' }, 'text/csv', 'application/x-ndjson'],
  ] as const)('asked as %j beside Accept: %s is %s', (asked, accept, type) => {
    expect(written(asked, accept).body.type).toBe(type);
  });
});

describe('a page of entries as a table', () => {
  const { rows, headers } = written({ format: 'csv' });

  it('has a header and a row for each entry, and keeps what a spreadsheet would spoil', () => {
    expect(rows).toEqual([
      'id,asked,counter,by,province,station,operator,agency,service,purpose,basis,presence,hasCase,seq,effect,rule,outcome,ms,answer,shard,leaf',
      "019b76da-a800-7000-8000-000000000000,2027-01-15T08:00:00.000Z,counter:72110345,,چهارمحال و بختیاری,'0012,'-4dCAbcdefghijkl,agency:post,post/postal-address@1,passport-issue,civil-code-1.12,in-person,false,1842,allow,open-service,FOUND,37,,0,4097",
      '',
    ]);
    expect(headers).toMatchObject({ 'content-language': 'en' });
    expect(cellText("'-4dCAbcdefghijkl")).toBe(entry.operator);
  });

  it('has its header in Persian for who reads Persian, and the same rows', () => {
    const persian = written({ format: 'csv' }, '*/*', 'fa');
    expect(persian.rows[0]?.split(',').slice(0, 3)).toEqual(['شناسه', 'زمان پرسش', 'دفتر']);
    expect(persian.rows[0]?.split(',')).toHaveLength(21);
    expect(persian.rows.slice(1)).toEqual(rows.slice(1));
    expect(persian.headers).toMatchObject({ 'content-language': 'fa' });
  });

  it('has the texts of the leaves where they were asked for', () => {
    const [head = '', row = ''] = written({ format: 'csv', include: 'record' }).rows;
    expect(head.endsWith(',leaf,i,o')).toBe(true);
    expect(row.endsWith(',0,4097,"{""k"":""i"",""t"":1}","{""k"":""o""}"')).toBe(true);
  });
});
