import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { formatted, objectOf, word } from '#infra/local/seed/schema.ts';
import type { JsonValue } from '#shared/kernel/strict-json.ts';
import { mostNamed, namedPersons } from '#shared/oversight/feeding/named-persons.ts';
import { nationalIdWith } from './numbers.ts';

const person = formatted('ir-national-id');
const schema = objectOf({
  owner: person,
  company: formatted('ir-legal-id'),
  address: formatted('ir-postal-code'),
  note: word,
  heirs: { type: 'array', items: person, maxItems: 256 },
  contract: objectOf({ parties: { type: 'array', items: objectOf({ id: person }), maxItems: 9 } }),
});

const named = (params: JsonValue): readonly JsonValue[] =>
  namedPersons(schema, params).map(({ type, value }) => [type, value]);

const [mina, omid] = ['0499370899', '0790419904'] as const;

describe('whom params name', () => {
  it('is told by the formats of the schema, however deep they stand', () => {
    expect(
      named({
        owner: mina,
        company: '10380284790',
        contract: { parties: [{ id: omid }, {}] },
      }),
    ).toEqual([
      ['ir-national-id', mina],
      ['ir-legal-id', '10380284790'],
      ['ir-national-id', omid],
    ]);
  });

  it('is nobody whose number is only what a text looks like', () => {
    expect(named({ address: '1619735744', note: mina, unknown: mina })).toEqual([]);
  });

  it('is told of params that do not fit their schema: they were refused, and stand in the log', () => {
    expect(named({ owner: '۰۴۹-۹۳۷۰۸۹-۹', heirs: [7, null, omid, 'x'], note: 1 })).toEqual([
      ['ir-national-id', mina],
      ['ir-national-id', omid],
    ]);
    for (const params of [mina, [mina], null, 7, { owner: { id: mina } }, { heirs: mina }]) {
      expect(named(params)).toEqual([]);
    }
    expect(named({ owner: '1'.repeat(4000), heirs: ['0499370890'] })).toEqual([]);
  });

  it('is each person once, and no more than may cost a row', () => {
    expect(named({ owner: mina, heirs: [mina, omid, mina] })).toHaveLength(2);
    const many = Array.from({ length: 200 }, (_, n) => nationalIdWith(100_000_000 + n));
    expect(named({ heirs: many })).toEqual(
      many.slice(0, mostNamed).map((id) => ['ir-national-id', id]),
    );
  });

  it('is every number that stands where the schema says so, whatever stands around it', () => {
    const id = fc.integer({ min: 100_000_001, max: 199_999_999 }).map(nationalIdWith);
    const params = fc.record(
      {
        owner: id,
        heirs: fc.array(id, { maxLength: 5 }),
        note: fc.oneof(id, fc.string()),
        address: id,
        contract: fc.record({ parties: fc.array(fc.record({ id }), { maxLength: 5 }) }),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(params, (made) => {
        const { owner, heirs = [], contract } = made;
        const parties = contract?.parties.map((party) => party.id) ?? [];
        const right = new Set([...(owner === undefined ? [] : [owner]), ...heirs, ...parties]);
        const found = namedPersons(schema, z.json().parse(made));
        expect(new Set(found.map(({ value }) => value))).toEqual(right);
      }),
    );
  });
});
