import { describe, expect, it } from 'vitest';
import { itemSize, PutInput, PutOutput, rowOf } from '#tests/bench/written-row.ts';

const base64 = (length: number): string => Buffer.alloc(length).toString('base64');

describe('the size of a written row', () => {
  it('counts names and texts in UTF-8, binaries in bytes and two digits of a number as one', () => {
    const item = { pk: { S: 'بج' }, r: { B: base64(300) }, x: { N: '1800000000' } };
    expect(itemSize(item)).toBe(2 + 4 + 1 + 300 + 1 + 6);
  });

  it('knows an intent and an outcome by the end of their sort key', () => {
    const kinds = ['a#i', 'a#o'].map(
      (key) => rowOf(PutInput.parse({ Item: { sk: { S: key } } }), PutOutput.parse({})).kind,
    );
    expect(kinds).toEqual(['i', 'o']);
  });

  it('knows the mark of a period and the key of held answers by their partition key', () => {
    const items = [
      { pk: { S: 'P#20833' }, sk: { S: '0003000000' } },
      { pk: { S: 'H#5933334' }, sk: { S: 'key' } },
    ];
    const kinds = items.map((Item) => rowOf(PutInput.parse({ Item }), PutOutput.parse({})).kind);
    expect(kinds).toEqual(['mark', 'key']);
  });

  it('leaves open what a store did not report', () => {
    const row = rowOf(PutInput.parse({ Item: {} }), PutOutput.parse({}));
    expect(row.reported).toBeUndefined();
  });

  it('takes over what a store did report', () => {
    const output = PutOutput.parse({ ConsumedCapacity: { CapacityUnits: 2 } });
    expect(rowOf(PutInput.parse({ Item: {} }), output).reported).toBe(2);
  });
});
